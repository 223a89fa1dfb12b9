"""How long runs took, over time."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import plotly.graph_objects as go

from dashboard import fmt
from dashboard.answers import StrategyLatency
from dashboard.charts.marks import Mark
from dashboard.charts.ticks import axis_durations, log_ticks
from dashboard.charts.time_axis import TimeAxis, figure_over
from dashboard.palette import Palette
from dashboard.plain import in_plotly

MOST_STRATEGIES = 6
"""With two lines each; those that ran most."""


def latency_by_strategy(latency: Sequence[StrategyLatency], axis: TimeAxis, colours: Palette) -> go.Figure:
    """Solid is the median, dotted the 95th percentile; both stand in the middle of their bucket."""
    figure = figure_over(axis)
    half = timedelta(seconds=axis.seconds / 2)
    shown = busiest(latency)
    for strategy in shown:
        rows = sorted((row for row in latency if row.strategy == strategy), key=lambda row: row.bucket)
        moments = [axis.on_clock(row.bucket + half) for row in rows]
        series = (
            ("p50", "solid", [row.p50_ms for row in rows]),
            ("p95", "dot", [row.p95_ms for row in rows]),
        )
        for label, dash, values in series:
            figure.add_scatter(
                x=moments,
                y=values,
                mode="lines+markers",
                name=f"{in_plotly(strategy)} {label}",
                legendgroup=strategy,
                line={"color": colours.colour_for(strategy), "width": 2, "dash": dash},
                marker={"size": 6, "symbol": "circle" if label == "p50" else "circle-open"},
                customdata=[
                    Mark(strategy, *axis.bounds_of(row.bucket)).beside(
                        f"{fmt.duration(ms)} of {fmt.plural(row.runs, 'run')}"
                    )
                    for row, ms in zip(rows, values, strict=True)
                ],
                hovertemplate="%{customdata[0]}",
            )
    ticks = log_ticks([ms for row in latency if row.strategy in shown for ms in (row.p50_ms, row.p95_ms)])
    figure.update_yaxes(
        type="log",
        tickvals=ticks,
        ticktext=axis_durations(ticks),
        range=[math.log10(ticks[0]) - 0.05, math.log10(ticks[-1]) + 0.05],
    )
    return figure


def busiest(latency: Sequence[StrategyLatency]) -> list[str]:
    """The strategies that ran most, by name."""
    runs = Counter[str]()
    for row in latency:
        runs[row.strategy] += row.runs
    return sorted(sorted(runs, key=lambda strategy: (-runs[strategy], strategy))[:MOST_STRATEGIES])
