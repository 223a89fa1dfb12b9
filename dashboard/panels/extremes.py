"""The ten dearest and the ten slowest runs; a row opens its trace."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import fmt, links, state
from dashboard.answers import Summary
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import line

MOST = 10
DEAREST, SLOWEST = "dearest_runs", "slowest_runs"
COLUMNS = {
    DEAREST: ("Cost", "Question", "Strategy", "Latency", "Started"),
    SLOWEST: ("Latency", "Question", "Strategy", "Cost", "Started"),
}
TITLES = {DEAREST: "Dearest runs", SLOWEST: "Slowest runs"}
SORTS = {DEAREST: "cost", SLOWEST: "latency"}


def extremes(key: str, runs: Sequence[Summary], filters: state.Filters) -> None:
    """`key` is DEAREST or SLOWEST."""
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(TITLES[key], anchor=False, help="Select a row to open its trace.", width="content")
            with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
                open_in_sql("traces", **filters.parameters(), sort=SORTS[key], page_size=MOST)
                links.to_runs("Show all", links.Runs(sort=SORTS[key]))
        st.dataframe(
            pd.DataFrame([_cells(run) for run in runs]),
            key=key,
            on_select=partial(_open_chosen, key, [run.trace_id for run in runs]),
            selection_mode="single-cell",
            hide_index=True,
            column_order=COLUMNS[key],
            column_config={
                "Cost": st.column_config.Column(alignment="right", width=66),
                "Latency": st.column_config.Column(alignment="right", width=66),
                "Question": st.column_config.TextColumn(width=96),
                "Strategy": st.column_config.TextColumn(width=66),
                "Started": st.column_config.DatetimeColumn(format="D MMM HH:mm", width=100),
            },
            alt=f"Table of the {TITLES[key].lower()}. Select a row to open its trace.",
        )


def _open_chosen(key: str, shown: Sequence[str]) -> None:
    """`shown` are the ids of the rows as the reader saw them; by now other runs may be dearer."""
    row = links.chosen_row(key)
    if row is not None and row < len(shown):
        links.choose_trace(shown[row])


def _cells(run: Summary) -> dict[str, object]:
    return {
        "Cost": fmt.run_cost(run.cost_usd, run.unpriced_calls, run.input_tokens + run.output_tokens),
        "Latency": fmt.duration(run.latency_ms),
        "Question": line(run.question or run.root_name, 160),
        "Strategy": line(run.strategy or "other", 40),
        "Started": state.local(run.started),
    }
