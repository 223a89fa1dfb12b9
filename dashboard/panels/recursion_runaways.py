"""Runs that nest, and why some of them ran away; a row opens its recursion."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st

from dashboard import fmt, state
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import line
from dashboard.recursion import asking
from dashboard.recursion.across import Runaway

TABLE = "nested_runs"
RUNAWAYS, ALL = SHOWN = ("runaways", "all nested runs")
DEFAULT_MANY = 100
ROW_HEIGHT = 36
MOST_SHOWN = 100
MEANING = (
    "Runs that met a limit (of depth, turns, calls, money or time), made more calls than given here, or gave two of "
    "their nodes the same text. With repeated sub-questions looked for, below, those count, too."
)


def many_calls() -> int:
    """From how many calls on a run has run away. It is asked for where the list stands, and needed before."""
    told = st.query_params.get(state.MANY_CALLS, "")
    return int(told) if told.isdecimal() and len(told) < 9 else DEFAULT_MANY


def open_chosen(table: str, shown: Sequence[str]) -> None:
    """`shown` are the ids of the rows as the reader saw them; by now there may be others."""
    rows = [row for row, _ in st.session_state[table].selection.cells]
    if rows and rows[0] < len(shown):
        st.query_params[state.TRACE] = shown[rows[0]]


def recursion_runaways(
    runs: Sequence[Runaway], asked_again: Mapping[str, int], filters: state.Filters
) -> None:
    """`asked_again`: by trace how often a question was asked again, as far as that was looked for."""
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Runs", anchor=False, width="content", help=MEANING)
            open_in_sql("nested_runs", **asking.bounded(filters))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            which = st.segmented_control(
                "Show", SHOWN, default=RUNAWAYS, required=True, key=state.WHICH, bind="query-params"
            )
            st.number_input(
                "A runaway makes more calls than",
                min_value=0,
                value=DEFAULT_MANY,
                step=50,
                key=state.MANY_CALLS,
                bind="query-params",
                width=200,
            )
        told = [(each, reasons(each, asked_again)) for each in runs]
        listed = [(each, why) for each, why in told if why or which == ALL]
        if not listed:
            st.caption("No run of these ran away.")
            return
        _table(listed[:MOST_SHOWN])
        if len(listed) > MOST_SHOWN:
            st.caption(f"The newest {MOST_SHOWN} of {len(listed):,}; a shorter window shows the others.")


def reasons(each: Runaway, asked_again: Mapping[str, int]) -> list[str]:
    """Why it ran away; empty if it did not."""
    again = asked_again.get(each.run.trace_id, 0)
    return [*each.reasons, *([f"asked again: {fmt.plural(again, 'call')}"] if again else [])]


def _table(listed: Sequence[tuple[Runaway, list[str]]]) -> None:
    column = st.column_config
    st.dataframe(
        pd.DataFrame([_cells(each, why) for each, why in listed]),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(listed), 12) + 1) + 3,
        key=TABLE,
        on_select=partial(open_chosen, TABLE, [each.run.trace_id for each, _ in listed]),
        selection_mode="single-cell",
        column_config={
            "Open": column.TextColumn(width=54),
            "Started": column.DatetimeColumn(format="D MMM HH:mm", width=96),
            "Question": column.TextColumn(width=150),
            "Why": column.TextColumn(width=215),
            **{
                name: column.Column(alignment="right", width=width)
                for name, width in {"Depth": 46, "Levels": 52, "Calls": 52, "Cost": 82, "Latency": 68}.items()
            },
        },
        placeholder="",
        alt="Table of runs that nest, the newest first, and why they ran away. Select a row to open its recursion.",
    )


def _cells(each: Runaway, why: Sequence[str]) -> dict[str, object]:
    run = each.run
    started = datetime.fromtimestamp(run.start_ns / 1e9, UTC).replace(tzinfo=None)
    return {
        "Open": "Open →",
        "Started": state.local(started),
        "Question": line(run.question or run.model_name or "no question recorded", 160),
        "Why": "; ".join(why),
        "Depth": fmt.count(each.deepest),
        "Levels": fmt.count(each.levels),
        "Calls": fmt.count(run.calls),
        "Cost": fmt.run_cost(run.cost_usd, run.unpriced_calls, run.input_tokens + run.output_tokens),
        "Latency": fmt.duration(run.latency_ms),
        "Mode": line(run.model_name or run.strategy or "other", 80),
        "Origin": "simulated" if run.simulated else "real",
    }
