"""How a mode's runs changed over time: how many, what one cost, how long it took."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import streamlit as st

from dashboard import fmt, queries, state
from dashboard.answers import BucketTotals
from dashboard.charts.ticks import axis_durations, axis_money, linear_ticks, whole_ticks
from dashboard.charts.time_axis import TimeAxis, figure_over
from dashboard.modes import asking
from dashboard.modes.asking import ModeRuns
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.panels.trends import CONFIG

Value = Callable[[BucketTotals], float | None]


def mode_trend(runs: ModeRuns) -> None:
    health = queries.health()
    if health.oldest_span_ns is None or health.newest_span_ns is None:
        return
    buckets = state.buckets_for(runs.filters, health.oldest_span_ns, health.newest_span_ns, state.zone())
    course = asking.over_time(runs, buckets)
    axis = TimeAxis(course[0].bucket, course[-1].bucket, buckets.seconds, buckets.zone)
    with st.grid(3, min_column_width=235, gap="small"):
        for title, figure, alt in (
            ("Runs", runs_figure(course, axis), "Bars of runs over time, those with errors in red"),
            ("Cost per run", cost_figure(course, axis), "Line of the mean cost of a run over time"),
            ("p95 latency", latency_figure(course, axis), "Line of the 95th percentile of latency over time"),
        ):
            with st.container(border=True, height="stretch"):
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.subheader(title, anchor=False, width="content")
                    st.space("stretch")
                    open_in_sql("totals_over_time", **asking.over_time_parameters(runs, buckets))
                st.plotly_chart(figure, config=CONFIG, key=f"trend-{title}", alt=alt)


def runs_figure(course: Sequence[BucketTotals], axis: TimeAxis) -> go.Figure:
    figure = _small(axis)
    for name, colour, count in (
        ("with errors", "#E5484D", lambda row: row.runs_with_errors),
        ("without", "#4C78DB", lambda row: row.runs - row.runs_with_errors),
    ):
        figure.add_bar(
            x=[axis.on_clock(row.bucket) for row in course],
            y=[count(row) for row in course],
            width=axis.seconds * 860,
            offset=axis.seconds * 70,
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate="%{y}",
        )
    ticks = whole_ticks(max(row.runs for row in course))
    figure.update_layout(barmode="stack")
    figure.update_yaxes(tickvals=ticks, rangemode="tozero")
    return figure


def cost_figure(course: Sequence[BucketTotals], axis: TimeAxis) -> go.Figure:
    return _line(course, axis, lambda row: row.cost_per_run_usd, fmt.money, axis_money, "#4C78DB")


def latency_figure(course: Sequence[BucketTotals], axis: TimeAxis) -> go.Figure:
    return _line(course, axis, lambda row: row.p95_latency_ms, fmt.duration, axis_durations, "#27A69A")


def _line(
    course: Sequence[BucketTotals],
    axis: TimeAxis,
    value: Value,
    write: Callable[[float | None], str],
    on_axis: Callable[[Sequence[float]], list[str]],
    colour: str,
) -> go.Figure:
    """Buckets without a run are left out, and the line goes on across them."""
    known = [row for row in course if value(row) is not None]
    figure = _small(axis)
    figure.add_scatter(
        x=[axis.on_clock(row.bucket) for row in known],
        y=[value(row) for row in known],
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 6},
        customdata=[f"{write(value(row))} · {fmt.plural(row.runs, 'run')}" for row in known],
        hovertemplate="%{customdata}<extra></extra>",
    )
    ticks = linear_ticks(max((value(row) or 0.0 for row in known), default=0.0))
    figure.update_yaxes(tickvals=ticks, ticktext=on_axis(ticks), rangemode="tozero")
    return figure


def _small(axis: TimeAxis) -> go.Figure:
    figure = figure_over(axis)
    figure.update_layout(height=190, showlegend=False)
    figure.update_xaxes(nticks=4)
    return figure
