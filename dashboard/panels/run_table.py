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
WIDTHS = {
    "started": 112,
    "question": 130,
    "result": 70,
    "strategy": 72,
    "latency": 66,
    "cost_bar": 34,
    "cost": 78,
    "calls": 46,
    "tokens": 62,
    "origin": 78,
}
ROOM = 814
"""Of a window of 1280 pixels; the question and the models share what the other columns leave."""
LEAST_FOR_MODELS = 66


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
        column_order=_order(runs),
        column_config=_columns(max((run.cost_usd or 0.0 for run in runs), default=0.0), _order(runs)),
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


def _order(runs: Sequence[Summary]) -> list[str]:
    """Where all went well and nothing was simulated, the room is for models."""
    shown = {
        "result": any(run.errors or run.status in STATUSES for run in runs),
        "origin": any(run.simulated for run in runs),
    }
    return [name for name in (*WIDTHS, "models") if shown.get(name, True)]


def _cells(run: Summary) -> dict[str, object]:
    return {
        "started": state.local(run.started),
        "question": line(run.question or run.root_name, 160),
        "result": STATUSES.get(run.status) or (fmt.plural(run.errors, "error") if run.errors else ""),
        "strategy": line(run.strategy or "other", 40),
        "origin": "simulated" if run.simulated else "real",
        "latency": run.latency_ms,
        "cost_bar": run.cost_usd,
        "cost": fmt.run_cost(run.cost_usd, run.unpriced_calls, run.input_tokens + run.output_tokens),
        "calls": run.calls,
        "tokens": run.input_tokens + run.output_tokens,
        "models": [line(model, 40) for model in run.models],
    }


def _columns(dearest: float, order: Sequence[str]) -> dict[str, ColumnConfig]:
    column, width = st.column_config, WIDTHS
    left = ROOM - LEAST_FOR_MODELS - sum(width[name] for name in order if name in width)
    return {
        "started": column.DatetimeColumn("Started", format="D MMM HH:mm:ss", width=width["started"]),
        "question": column.TextColumn("Question", width=width["question"] + left // 2),
        "result": column.TextColumn(
            "Result", width=width["result"], help="Errors in runs that still gave an answer; failed; running."
        ),
        "strategy": column.TextColumn("Strategy", width=width["strategy"]),
        "latency": column.Column("Latency", alignment="right", width=width["latency"]),
        "cost_bar": column.ProgressColumn(
            "", format=" ", min_value=0, max_value=dearest or 1.0, width=width["cost_bar"]
        ),
        "cost": column.Column("Cost", alignment="right", width=width["cost"]),
        "calls": column.NumberColumn("Calls", width=width["calls"]),
        "tokens": column.Column("Tokens", alignment="right", width=width["tokens"]),
        "origin": column.TextColumn("Origin", width=width["origin"]),
        "models": column.ListColumn("Models", width=LEAST_FOR_MODELS + left // 2),
    }
