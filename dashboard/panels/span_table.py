"""Every span of a trace as a plain table: the same facts as the timeline, for keyboards and screen readers."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard import fmt
from dashboard.run import Run
from dashboard.widgets.timeline.payload import display_name, mark

INDENT = "\u2003"


def span_table(run: Run, *, on_picked: Callable[[str], None]) -> None:
    spans = run.spans.to_pandas()
    naming = ["name", "span_type", "role", "call_index", "strategy", "stage_kind"]
    marking = ["status", "outcome", "attempt", "is_orphan", "is_llm_call"]
    columns = {name: run.spans[name].to_pylist() for name in {*naming, *marking}}
    names = zip(spans["depth"], *(columns[name] for name in naming), strict=True)
    frame = pd.DataFrame(
        {
            "Span": [INDENT * min(depth, 12) + display_name(*parts) for depth, *parts in names],
            "Model": [model or "" for model in run.spans["model"].to_pylist()],
            "Note": [mark(*parts) for parts in zip(*(columns[name] for name in marking), strict=True)],
            "Start": spans["start_ms"],
            "Duration": spans["duration_ms"],
            "Own time": spans["self_ms"],
            "Cost": spans["cost_usd"],
            "Input": spans["input_tokens"],
            "Output": spans["output_tokens"],
            "Error": [error or "" for error in run.spans["error_type"].to_pylist()],
        }
    )
    calls = frame.index[spans["is_llm_call"]]
    others = frame.index[~spans["is_llm_call"]]
    styled = (
        frame.style.format(fmt.duration, subset=["Start", "Duration", "Own time"])
        .format(fmt.money, subset=(calls, ["Cost"]))
        .format(lambda _: "", subset=(others, ["Cost"]))
        .format(lambda tokens: "" if pd.isna(tokens) else fmt.count(int(tokens)), subset=["Input", "Output"])
    )
    right = st.column_config.Column(alignment="right")
    st.dataframe(
        styled,
        hide_index=True,
        key="span_table",
        selection_mode="single-row",
        on_select=lambda: _pick(run, on_picked),
        column_config=dict.fromkeys(("Start", "Duration", "Own time", "Cost", "Input", "Output"), right),
        alt="Table of the spans of this trace in tree order. Select a row to inspect the span.",
    )


def _pick(run: Run, on_picked: Callable[[str], None]) -> None:
    rows = st.session_state["span_table"].selection.rows
    if rows:
        on_picked(run.spans["span_id"][rows[0]].as_py())
