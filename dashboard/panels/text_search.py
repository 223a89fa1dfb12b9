"""Which runs say the words of the search box in a prompt or an answer: found while the reader watches."""

from dataclasses import replace
from datetime import datetime

import pandas as pd
import streamlit as st

from composite_llm import settings
from dashboard import connection, fmt, state
from dashboard.plain import line
from dashboard.text_search import TextSearch

SEARCH, TABLE = "text_search", "text_search_table"
BEAT = "0.5s"
ENDS = {"stopped": " before it was stopped", "enough": " so far: it ends with as many", "complete": ""}


def text_search(text: str) -> None:
    """Offers to search, and shows the search that was begun for these words and filters."""
    search: TextSearch | None = st.session_state.get(SEARCH)
    filters = state.current_filters()
    if search and (search.text != text or _wider(search.filters) != _wider(filters)):
        search.stop()
        search = st.session_state[SEARCH] = None
    if not text:
        return
    if search:
        _shown(search)
    elif st.button("Search all prompts and answers", icon=":material/manage_search:"):
        st.session_state[SEARCH] = TextSearch(connection.client(settings.load().collector), text, filters)
        st.rerun()


def _wider(filters: state.Filters) -> tuple[object, ...]:
    """What of the filters stays the same while time passes."""
    length = filters.until_ns - filters.since_ns if filters.since_ns else 0
    return length, replace(filters, since_ns=0, until_ns=0)


def _shown(search: TextSearch) -> None:
    was_running = search.is_running

    # How often a fragment runs is fixed when it is registered, so the end of the search runs the whole page.
    @st.fragment(run_every=BEAT if was_running else None)
    @connection.explained()
    def progress() -> None:
        search.seen()
        _open_if_selected(search)
        if was_running and not search.is_running:
            st.rerun()
        if search.problem:
            raise search.problem
        with st.container(border=True):
            _head(search)
            if search.matches:
                _table(search)

    progress()


def _head(search: TextSearch) -> None:
    found = fmt.plural(len(search.matches), "run")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if search.is_running:
            st.progress(min(1.0, search.share), text=f"Searching all prompts and answers · {found} found")
            st.button("Stop", icon=":material/stop:", on_click=search.stop)
        else:
            st.caption(f"In prompts and answers: {found} found{ENDS.get(search.state, '')}.", width="content")
            st.button("Close", on_click=_forget, type="tertiary")


def _forget() -> None:
    st.session_state[SEARCH] = None


def _table(search: TextSearch) -> None:
    column = st.column_config
    st.dataframe(
        pd.DataFrame([_cells(match) for match in search.matches]),
        hide_index=True,
        key=TABLE,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        column_config={
            "said": column.DatetimeColumn("Said", format="D MMM HH:mm:ss", width=120),
            "says": column.TextColumn("Says", width="large"),
            "span": column.TextColumn("Span", width=140),
            "strategy": column.TextColumn("Strategy", width=80),
            "cost": column.Column("Run cost", alignment="right", width=90),
        },
        alt="Runs that say the words in a prompt or an answer, newest first. Select a row to open the span.",
    )


def _cells(match: dict[str, object]) -> dict[str, object]:
    run = match["trace"]
    assert isinstance(run, dict)
    tokens = run["input_tokens"] + run["output_tokens"]
    return {
        "said": state.local(datetime.fromisoformat(str(match["said_at"])[:26])),
        "says": line(str(match["excerpt"]), 240),
        "span": line(str(match["span_name"]), 60),
        "strategy": line(run["strategy"], 40),
        "cost": fmt.run_cost(run["cost_usd"], run["unpriced_calls"], tokens),
    }


def _open_if_selected(search: TextSearch) -> None:
    chosen = st.session_state.get(TABLE, {}).get("selection", {})
    rows = chosen.get("rows") or [row for row, _ in chosen.get("cells", [])]
    # Matches are only ever added at the end, so a row is the same one as when it was clicked.
    if rows and rows[0] < len(search.matches):
        match = search.matches[rows[0]]
        opened = {state.TRACE: match["trace"]["trace_id"], state.SPAN: match["span_id"]}
        st.switch_page(state.TRACE_PAGE, query_params=opened)
