"""Modes by what they cost and how long they take."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard import fmt
from dashboard.answers import ModeTotals
from dashboard.charts.ticks import axis_durations, log_ticks
from dashboard.palette import Palette
from dashboard.plain import in_plotly

HEIGHT = 300


def trade_off(modes: Sequence[ModeTotals], colours: Palette) -> go.Figure:
    """A point a mode, on logarithms' axes: right is slower, up is dearer. Those without a known cost are not in it."""
    figure = go.Figure()
    named = _with_room(modes)
    for mode in modes:
        cost = mode.cost_per_run_usd or 0.0
        said = "<br>".join(
            (
                f"<b>{in_plotly(mode.mode)}</b>",
                f"{fmt.money(cost, lower_bound=mode.unpriced_calls > 0)} a run",
                f"p50 {fmt.duration(mode.p50_latency_ms)}, p95 {fmt.duration(mode.p95_latency_ms)}",
                f"{fmt.plural(mode.runs, 'run')}, {mode.calls_per_run:.3g} calls each",
            )
        )
        figure.add_scatter(
            x=[mode.p50_latency_ms],
            y=[cost],
            mode="markers+text",
            text=[in_plotly(mode.mode, 24) if mode.mode in named else ""],
            textposition="top center",
            textfont={"size": 11.5},
            cliponaxis=False,
            marker={
                "color": colours.colour_for(mode.mode),
                "size": 9 + min(16, 4 * math.log10(mode.runs)),
                "opacity": 0.85,
            },
            customdata=[[said, mode.mode]],
            hovertemplate="%{customdata[0]}<extra></extra>",
            showlegend=False,
        )
    times = log_ticks([mode.p50_latency_ms for mode in modes])
    money = _money_ticks([mode.cost_per_run_usd or 0.0 for mode in modes])
    figure.update_layout(height=HEIGHT, margin={"l": 0, "r": 30, "t": 16, "b": 0}, hovermode="closest")
    figure.update_xaxes(
        type="log",
        tickvals=times,
        ticktext=axis_durations(times),
        range=[math.log10(times[0]) - 0.08, math.log10(times[-1]) + 0.08],
        title={"text": "median latency", "font": {"size": 12}},
    )
    figure.update_yaxes(
        type="log",
        tickvals=money,
        ticktext=[fmt.money(value) for value in money],
        range=[math.log10(money[0]) - 0.1, math.log10(money[-1]) + 0.1],
        automargin=True,
        ticklabelstandoff=6,
        title={"text": "mean cost of a run", "font": {"size": 12}},
    )
    return figure


def _with_room(modes: Sequence[ModeTotals]) -> set[str]:
    """Whose names can be written without standing on another's: those that ran most go first."""
    places: list[tuple[float, float]] = []
    named: set[str] = set()
    times = [math.log10(mode.p50_latency_ms) for mode in modes]
    costs = [math.log10(mode.cost_per_run_usd or 1) for mode in modes]
    wide, high = (max(values) - min(values) or 1.0 for values in (times, costs))
    for mode in sorted(modes, key=lambda mode: (-mode.runs, mode.mode)):
        x, y = math.log10(mode.p50_latency_ms) / wide, math.log10(mode.cost_per_run_usd or 1) / high
        if all(abs(x - other) > 0.14 or abs(y - above) > 0.08 for other, above in places):
            places.append((x, y))
            named.add(mode.mode)
    return named


def _money_ticks(costs: Sequence[float]) -> list[float]:
    """1, 2 and 5 of each decade from under the least to over the most, or 1 alone where that is too many."""
    least, most = min(costs), max(costs)
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
    for factors in ((1, 2, 5), (1,)):
        steps = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
        low = max((index for index, step in enumerate(steps) if step <= least * (1 + 1e-9)), default=0)
        high = min(
            (index for index, step in enumerate(steps) if step >= most * (1 - 1e-9)), default=len(steps) - 1
        )
        if high - low < 7:
            break
    return steps[low : max(high, low + 1) + 1]
