"""Single runs of a mode that are worth a look, and what failed in them most often."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import fmt, links, state
from dashboard.answers import Summary
from dashboard.answers.modes import RunError
from dashboard.modes import asking
from dashboard.modes.asking import ModeRuns
from dashboard.panels.mode_links import to_listed
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import line

ROW_HEIGHT = 34
ERRORS = "mode_errors"


def mode_runs(runs: ModeRuns) -> None:
    with st.grid(3, min_column_width=300, gap="small"):
        _list("Dearest runs", asking.some_runs(runs, sort="cost"), runs, sort="cost")
        _list("Slowest runs", asking.some_runs(runs, sort="latency"), runs, sort="latency")
        _list("Newest runs with errors", asking.some_runs(runs, errors_only=True), runs, errors_only=True)
    _errors(runs)


def _list(
    title: str, found: Sequence[Summary], runs: ModeRuns, *, sort: str = "", errors_only: bool = False
) -> None:
    key = f"mode_runs_{title}"
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(title, anchor=False, width="content")
            st.space("stretch")
            if found:
                to_listed("All", runs, sort=sort, errors_only=errors_only)
        if not found:
            st.caption("Nothing failed in any run of this window.")
            return
        ids = [run.trace_id for run in found]
        st.dataframe(
            pd.DataFrame([_cells(run) for run in found]),
            hide_index=True,
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * (len(found) + 1) + 3,
            key=key,
            on_select=lambda: _choose(key, ids),
            selection_mode=["single-row", "single-cell"],
            column_config={
                "Question": st.column_config.TextColumn(width=150),
                "Cost": st.column_config.Column(alignment="right", width=76),
                "Latency": st.column_config.Column(alignment="right", width=66),
                "Calls": st.column_config.Column(alignment="right", width=44),
            },
            alt=f"Table of the {title.lower()} of {line(runs.name, 80)}. Select a row to open its trace.",
        )


def _cells(run: Summary) -> dict[str, object]:
    return {
        "Question": line(run.question or run.root_name, 120),
        "Cost": fmt.run_cost(run.cost_usd, run.unpriced_calls, run.input_tokens + run.output_tokens),
        "Latency": fmt.duration(run.latency_ms),
        "Calls": fmt.count(run.calls),
    }


def _choose(key: str, ids: Sequence[str], spans: Sequence[str] = ()) -> None:
    row = links.chosen_row(key)
    if row is not None:
        address = {state.TRACE: ids[row]} | ({state.SPAN: spans[row]} if spans else {})
        st.session_state[links.NEXT] = state.TRACE_PAGE, address


def _errors(runs: ModeRuns) -> None:
    found = asking.errors(runs)
    if not found:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("Most common errors", anchor=False, width="content")
            st.space("stretch")
            open_in_sql("newest_runs", **asking.newest_parameters(runs))
        ids, spans = [each.trace_id for each in found], [each.span_id for each in found]
        st.dataframe(
            pd.DataFrame([_error_cells(each) for each in found]),
            hide_index=True,
            row_height=ROW_HEIGHT,
            height=ROW_HEIGHT * (len(found) + 1) + 3,
            key=ERRORS,
            on_select=lambda: _choose(ERRORS, ids, spans),
            selection_mode=["single-row", "single-cell"],
            column_config={name: st.column_config.Column(alignment="right") for name in ("Spans", "In runs")},
            alt="Table of the most common errors. Select a row to open the latest example.",
        )
        st.caption(
            f"Of its newest {asking.MOST_RUNS} runs, at most. A stage or a run fails with the calls in it, and is a row "
            "of its own. Select one to open its latest example."
        )


def _error_cells(error: RunError) -> dict[str, object]:
    return {
        "Error": line(error.error_type, 120),
        "What failed": line(error.failed, 80),
        "Model": line(error.model, 80),
        "Spans": fmt.count(error.spans),
        "In runs": fmt.count(error.runs),
    }
