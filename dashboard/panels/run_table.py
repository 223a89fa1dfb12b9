"""The list of runs: a row opens its trace."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import fmt, state
from dashboard.answers import Summary
from dashboard.plain import line

TABLE, SHOWN = "run_table", "shown_runs"
ROW_HEIGHT = 36
STATUSES = {"running": "running", "error": "failed"}
"""What is said of a run; that it went well goes without saying."""


def run_table(runs: Sequence[Summary]) -> None:
    frame = pd.DataFrame([_cells(run) for run in runs])
    styled = frame.style.format(fmt.duration, subset=["latency"]).format(fmt.compact, subset=["tokens"])
    st.session_state[SHOWN] = [run.trace_id for run in runs]
    st.dataframe(
        styled,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (len(runs) + 1) + 3,
        key=TABLE,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        # Where all went well, the room is for figures.
        column_order=[name for name in frame.columns if name != "status" or any(frame["status"])],
        column_config=_columns(max((run.cost_usd or 0.0 for run in runs), default=0.0)),
        placeholder="",
        alt="Table of runs, newest first. Select a row to open its trace.",
    )


def open_if_selected() -> None:
    """Go to the trace of the chosen row, before the rows are drawn anew.

    The choice is a row number, and a live list may move on before a click arrives: what counts are the ids of the
    rows as the reader saw them.
    """
    chosen = st.session_state.get(TABLE, {}).get("selection", {})
    rows = chosen.get("rows") or [row for row, _ in chosen.get("cells", [])]
    shown = st.session_state.get(SHOWN, [])
    if rows and rows[0] < len(shown):
        st.switch_page(state.TRACE_PAGE, query_params={state.TRACE: shown[rows[0]]})


def _cells(run: Summary) -> dict[str, object]:
    return {
        "started": state.local(run.started),
        "question": line(run.question or run.root_name, 160),
        "status": STATUSES.get(run.status, ""),
        "strategy": line(run.strategy or "other", 40),
        "origin": "simulated" if run.simulated else "real",
        "latency": run.latency_ms,
        "cost_bar": run.cost_usd,
        "cost": fmt.run_cost(run.cost_usd, run.unpriced_calls, run.input_tokens + run.output_tokens),
        "calls": run.calls,
        "tokens": run.input_tokens + run.output_tokens,
        "errors": run.errors,
        "models": [line(model, 40) for model in run.models],
    }


def _columns(dearest: float) -> dict[str, ColumnConfig]:
    column = st.column_config
    return {
        "started": column.DatetimeColumn("Started", format="D MMM HH:mm:ss", width=120),
        "question": column.TextColumn("Question", width=180),
        "status": column.TextColumn("Status", width=70),
        "strategy": column.TextColumn("Strategy", width=80),
        "latency": column.Column("Latency", alignment="right", width=80),
        "cost_bar": column.ProgressColumn("", format=" ", min_value=0, max_value=dearest or 1.0, width=50),
        "cost": column.Column("Cost", alignment="right", width=90),
        "calls": column.NumberColumn("Calls", width=55),
        "tokens": column.Column("Tokens", alignment="right", width=70),
        "errors": column.NumberColumn("Errors", width=60),
        "origin": column.TextColumn("Origin", width=85),
        "models": column.ListColumn("Models", width="medium"),
    }
