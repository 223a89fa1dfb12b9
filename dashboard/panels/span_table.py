"""Every span of a trace as a plain table: the same facts as the timeline, for keyboards and screen readers."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import fmt
from dashboard.costs import costs
from dashboard.naming import span_marks
from dashboard.run import Run

INDENT = "\u2003"
DEEPEST_INDENT = 12
RIGHT = ("Start", "Duration", "Own time", "Cost", "Input", "Output")


def span_table(run: Run, *, on_picked: Callable[[str], None]) -> None:
    spans = run.spans
    frame = pd.DataFrame(
        {
            "Span": [
                INDENT * min(depth, DEEPEST_INDENT) + name
                for depth, name in zip(spans["depth"].to_pylist(), run.names, strict=True)
            ],
            "Model": spans["model"].to_pylist(),
            "Note": span_marks(spans),
            "Start": spans["start_ms"].to_pylist(),
            "Duration": spans["duration_ms"].to_pylist(),
            "Own time": spans["self_ms"].to_pylist(),
            "Cost": costs(spans).texts,
            "Input": [_tokens(tokens) for tokens in spans["input_tokens"].to_pylist()],
            "Output": [_tokens(tokens) for tokens in spans["output_tokens"].to_pylist()],
            "Error": spans["error_type"].to_pylist(),
        }
    )
    st.dataframe(
        frame.style.format(fmt.duration, subset=["Start", "Duration", "Own time"]),
        hide_index=True,
        key="span_table",
        selection_mode=["single-row", "single-cell"],
        on_select=lambda: _pick(run, on_picked),
        column_config=dict.fromkeys(RIGHT, st.column_config.Column(alignment="right")),
        placeholder="",
        alt="Table of the spans of this trace in tree order. Select a row to inspect the span.",
    )


def _tokens(tokens: int | None) -> str:
    return "" if tokens is None else fmt.count(tokens)


def _pick(run: Run, on_picked: Callable[[str], None]) -> None:
    selection = st.session_state["span_table"].selection
    rows = selection.rows or [row for row, _ in selection.cells]
    if rows:
        on_picked(run.spans["span_id"][rows[0]].as_py())
