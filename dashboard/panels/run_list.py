"""A page of runs, which may follow what happens, and what can be done with those that are chosen."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard import connection, fmt, queries, state
from dashboard.answers import Listing
from dashboard.panels import notices
from dashboard.panels.export import export
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.panels.run_table import chosen, open_if_selected, run_table, table_key
from dashboard.panels.search import nothing_matches
from dashboard.state import Filters, Search

PAGE_SIZE = 50
LIVE, SEEN, HELD = "live", "runs_seen_live", "runs_held"
BEAT = "2s"
NEW_SECONDS = 30.0


def run_list(asked: Search) -> None:
    live = st.session_state.get(LIVE, False)

    @st.fragment(run_every=BEAT if live else None)
    @connection.explained()
    def listing() -> None:
        _listing(asked, live)

    listing()


def _listing(asked: Search, live: bool) -> None:
    open_if_selected()
    filters = state.current_filters()
    first = _page(filters, asked, 1)
    if not first.runs:
        nothing_matches()
        return
    head, table, pages = st.container(), st.container(), math.ceil(first.matching / PAGE_SIZE)
    page = st.pagination(pages, key=state.PAGE, bind="query-params") if pages > 1 else 1
    key = table_key(filters, asked, page)
    marked = chosen(key)
    held = live and bool(marked)
    found = _held(key) if held else None
    if found is None:
        found = first if page == 1 else _page(filters, asked, page)
    st.session_state[HELD] = (key, found)
    with head:
        if all(run.simulated for run in found.runs):
            notices.simulated_among(len(found.runs), len(found.runs))
        _head(first, filters, asked, marked, live, held)
        _cut(filters, asked, first)
    with table:
        run_table(found.runs, queries.depths(found.runs), key=key, new=_new(found) if live else ())


def _head(
    found: Listing, filters: Filters, asked: Search, marked: Sequence[str], live: bool, held: bool
) -> None:
    """What can be done stands on the left: the table's own buttons come up on the right."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            _compare(marked)
            export(asked, marked, found.matching)
            # How often a fragment runs is fixed when it is registered, so a change runs the whole page.
            is_on = st.toggle(
                "Live", key=LIVE, bind="query-params", help="Looks for new runs every 2 seconds."
            )
            if is_on != live:
                st.session_state.pop(SEEN, None)
                st.rerun()
            open_in_sql("traces", **filters.parameters(), **_as_sql(asked), page_size=PAGE_SIZE)
        st.caption(_summary(found, asked, held), width="content")


def _as_sql(asked: Search) -> dict[str, Any]:
    """Depth is worked out beside the query, which cannot be asked for it."""
    return replace(asked, min_depth=0, sort="newest" if asked.sort == "depth" else asked.sort).parameters()


def _compare(marked: Sequence[str]) -> None:
    if st.button(
        "Compare",
        icon=":material/compare_arrows:",
        disabled=len(marked) != 2,
        help="Mark two runs on the left of the table to see them side by side.",
    ):
        first, second = marked
        st.switch_page(state.COMPARE_PAGE, query_params={state.TRACE: first, state.WITH: second})


def _held(key: str) -> Listing | None:
    """What was shown. A list that is live waits while runs are marked in it, so that none moves under a mark."""
    kept: tuple[str, Listing] | None = st.session_state.get(HELD)
    return kept[1] if kept and kept[0] == key else None


def _page(filters: Filters, asked: Search, page: int) -> Listing:
    if not asked.looks_at_spans:
        return queries.traces(filters, asked, page_size=PAGE_SIZE, page=page)
    with st.spinner("Looking how deep the newest runs are …", show_time=True):
        return queries.traces(filters, asked, page_size=PAGE_SIZE, page=page)


def _summary(found: Listing, asked: Search, held: bool) -> str:
    words = f"{fmt.plural(found.matching, 'run')}, {state.SORTS[asked.sort]}. Click one to open it."
    return f"{words} Live waits while runs are chosen." if held else words


def _cut(filters: Filters, asked: Search, found: Listing) -> None:
    """Depth is worked out from the spans, and only for so many runs."""
    if asked.looks_at_spans:
        plain = replace(asked, sort="newest", min_depth=0)
        matching = queries.traces(filters, plain, page_size=1, page=1).matching
        if matching > found.looked_at:
            st.caption(
                f"Depth was looked at in the newest {fmt.count(found.looked_at)} of {fmt.plural(matching, 'run')}: "
                "it takes a look at every span. A shorter window or more filters leave none out."
            )


def _new(found: Listing) -> set[str]:
    """The runs that came since the list went live, for half a minute each."""
    now = time.monotonic()
    seen: dict[str, float] | None = st.session_state.get(SEEN)
    if seen is None:
        seen = dict.fromkeys((run.trace_id for run in found.runs), -math.inf)
    for run in found.runs:
        seen.setdefault(run.trace_id, now)
    st.session_state[SEEN] = seen
    return {trace_id for trace_id, since in seen.items() if now - since < NEW_SECONDS}
