"""Who spends it: by what runs say of themselves."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import fmt, links, queries, state
from dashboard.answers import Spender
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import line

WHO = "who"
LABELS = {"user": "User", "session": "Session", "tag": "Tag", "program": "Program"}
NOBODY = {
    "user": "(no user given)",
    "session": "(no session given)",
    "tag": "(no tag)",
    "program": "(no program named)",
}
LEADS: dict[str, Callable[[str], links.Runs]] = {
    "user": lambda name: links.Runs(user=name, sort="cost"),
    "session": lambda name: links.Runs(session=name, sort="cost"),
    "tag": lambda name: links.Runs(tag=name, sort="cost"),
    "program": lambda name: links.Runs(attribute=f"service.name={name}", sort="cost"),
}
MOST = 10
TABLE = "spenders"
MEANING = (
    "What the runs of each cost, the dearest first. A run with several tags counts for each of them, so tags add up to "
    "more than the spend above. Select a row to see its runs."
)


def spenders(filters: state.Filters, spend_usd: float) -> None:
    """`spend_usd` is that of all runs of the filters."""
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Who spends it", anchor=False, help=MEANING, width="content")
            by = _by()
            open_in_sql("spenders", **filters.parameters(), by=by, most=MOST)
        _table(by, queries.spenders(filters, by, MOST), spend_usd)


def chosen_label() -> str:
    """By what the reader wants it told."""
    chosen = st.query_params.get(WHO, "").lower()
    return chosen if chosen in LABELS else "user"


def _open_chosen(by: str, shown: Sequence[str]) -> None:
    """`shown` are the names of the rows as the reader saw them. Runs without one cannot be asked for."""
    row = links.chosen_row(TABLE)
    if row is not None and row < len(shown) and shown[row]:
        links.choose_runs(LEADS[by](shown[row]))


def _by() -> str:
    chosen = st.segmented_control(
        "By",
        list(LABELS.values()),
        default=LABELS["user"],
        required=True,
        key=WHO,
        bind="query-params",
        label_visibility="collapsed",
        width="content",
    )
    return (chosen or "user").lower()


def _table(by: str, rows: list[Spender], spend_usd: float) -> None:
    if all(not row.name for row in rows):
        st.caption(f"No run of this window says its {by}. A request can say who it is for:")
        st.code('metadata={"user_id": "ann", "session_id": "chat-7", "tags": ["search"]}', language="python")
        return
    st.dataframe(
        pd.DataFrame([_cells(by, row, spend_usd) for row in rows]),
        key=TABLE,
        on_select=partial(_open_chosen, by, [row.name for row in rows]),
        selection_mode="single-cell",
        hide_index=True,
        alt=f"Table of spend by {by}, the dearest first. Select a row to see its runs.",
        column_config={
            LABELS[by]: st.column_config.TextColumn(width=104),
            "Runs": st.column_config.NumberColumn(format="localized", width=48),
            "Share": st.column_config.ProgressColumn(
                "Of spend", format="%.0f %%", min_value=0, max_value=100, width=86
            ),
            **dict.fromkeys(("Spend", "Per run"), st.column_config.Column(alignment="right", width=72)),
        },
    )
    if rows[0].names > len(rows):
        st.caption(f"The {len(rows)} dearest of {rows[0].names:,}. Open in SQL for all of them.")


def _cells(by: str, row: Spender, spend_usd: float) -> dict[str, object]:
    bounded = row.unpriced_calls > 0
    return {
        LABELS[by]: line(row.name, 60) or NOBODY[by],
        "Runs": row.runs,
        "Spend": fmt.money(None if row.nothing_priced else row.spend_usd, lower_bound=bounded),
        "Share": 100 * row.spend_usd / spend_usd if spend_usd else None,
        "Per run": fmt.money(None if row.nothing_priced else row.cost_per_run_usd, lower_bound=bounded),
    }
