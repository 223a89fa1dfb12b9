"""How the runs of a mode are spread by cost, latency, tokens or calls."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard import fmt
from dashboard.answers.modes import Bar, Measure
from dashboard.charts.ticks import whole_ticks
from dashboard.plain import in_plotly

HEIGHT = 190
MARK = "#64748B"
WHOLE = ("tokens", "calls")


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the measures, and how its values are written."""

    name: str
    write: Callable[[float | None], str]


def _count(value: float | None) -> str:
    if value is None:
        return "–"
    return fmt.compact(value) if value >= 1000 else f"{value:.3g}"


KINDS: Mapping[str, Kind] = {
    "cost_usd": Kind("Cost per run", fmt.money),
    "latency_ms": Kind("Latency", fmt.duration),
    "tokens": Kind("Tokens per run", _count),
    "calls": Kind("Calls per run", _count),
}


def histogram(bars: Sequence[Bar], spread: Measure, colour: str) -> go.Figure:
    """Runs by value, with the median and the 95th percentile marked."""
    write = KINDS[spread.measure].write
    is_log = bars[0].is_log
    figure = go.Figure()
    lone = max(abs(spread.p50) * 0.1, 1e-9)
    edges = [_corners(bar, lone) for bar in bars]
    figure.add_scatter(**_outlines(edges, bars, spread, write, colour))
    tallest = max(bar.runs for bar in bars)
    marks = ((spread.p50, "p50", "solid"), (spread.p95, "p95", "dot"))
    for value, name, dash in marks[:1] if spread.p50 == spread.p95 else marks:
        figure.add_vline(x=value, line={"color": MARK, "width": 1.5, "dash": dash}, layer="above")
        near_the_end = _share(value, edges, is_log=is_log) > 0.7
        figure.add_annotation(
            x=math.log10(value) if is_log else value,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=15 if name == "p50" else 0,
            text=f"{'p50 and p95' if spread.p50 == spread.p95 else name} {write(value)}",
            showarrow=False,
            xanchor="right" if near_the_end else "left",
            font={"size": 11.5},
        )
    ticks = whole_ticks(tallest)
    figure.update_layout(height=HEIGHT, margin={"l": 0, "r": 6, "t": 36, "b": 0})
    figure.update_yaxes(tickvals=ticks, automargin=True, range=[0, tallest * 1.04], ticklabelstandoff=4)
    values = [spread.p50] if spread.least == spread.most else _axis_values(edges, is_log=is_log)
    figure.update_xaxes(
        type="log" if is_log else "linear",
        tickvals=values,
        ticktext=[write(value) for value in values],
        showgrid=False,
        tickangle=0,
    )
    if spread.least == spread.most:  # one bar, which shall not fill the chart
        low, high = edges[0]
        figure.update_xaxes(range=[low - 3 * (high - low), high + 3 * (high - low)])
    return figure


def _corners(bar: Bar, lone: float) -> tuple[float, float]:
    """A bar of one whole number stands around it; one value alone is as wide as can be seen."""
    if bar.measure in WHOLE and bar.high - bar.low == 1:
        return bar.low - 0.5, bar.low + 0.5
    return (bar.low, bar.high) if bar.high > bar.low else (bar.low - lone / 2, bar.low + lone / 2)


def _said(bar: Bar, spread: Measure, write: Callable[[float | None], str]) -> str:
    share = fmt.share(bar.runs, spread.runs)
    one = write(bar.low) == write(bar.high) or (bar.measure in WHOLE and bar.high - bar.low == 1)
    span = write(bar.low) if one else f"{write(bar.low)} – {write(bar.high)}"
    return f"{fmt.plural(bar.runs, 'run')} ({share})<br>{span}"


def _outlines(
    edges: Sequence[tuple[float, float]],
    bars: Sequence[Bar],
    spread: Measure,
    write: Callable[[float | None], str],
    colour: str,
) -> dict[str, Any]:
    """Bars by their corners, which works on a logarithm's axis, too."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    said: list[str | None] = []
    for (low, high), bar in zip(edges, bars, strict=True):
        xs += [low, low, high, high, None]
        ys += [0, bar.runs, bar.runs, 0, None]
        said += [_said(bar, spread, write)] * 4 + [None]
    return {
        "x": xs,
        "y": ys,
        "mode": "lines",
        "fill": "toself",
        "fillcolor": colour,
        "line": {"color": colour, "width": 1},
        "customdata": said,
        "hovertemplate": "%{customdata}<extra></extra>",
        "showlegend": False,
    }


def _share(value: float, edges: Sequence[tuple[float, float]], *, is_log: bool) -> float:
    """How far along the axis a value stands, 0 to 1."""
    low, high = edges[0][0], edges[-1][1]
    if high <= low:
        return 0.0
    if is_log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def _axis_values(edges: Sequence[tuple[float, float]], *, is_log: bool) -> list[float]:
    low, high = edges[0][0], edges[-1][1]
    if is_log:
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        return [10.0**power for power in range(first, last + 1)] or [low, high]
    step = _round_step((high - low) / 4)
    return [
        step * number for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    ]


def _round_step(about: float) -> float:
    power = 10.0 ** math.floor(math.log10(about))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= about * (1 - 1e-9))


def boxes(spreads: Sequence[tuple[str, Measure, str]]) -> go.Figure:
    """Modes under one another (name, spread, colour): the line is the middle 90 % of runs, the bar the middle half, the
    mark the median, the diamond the mean."""
    write = KINDS[spreads[0][1].measure].write
    figure = go.Figure()
    for name, spread, colour in spreads:
        label = in_plotly(name, 30)
        said = "<br>".join(
            f"{what}: {write(value)}"
            for what, value in (
                ("mean", spread.mean),
                ("p5", spread.p05),
                ("p25", spread.p25),
                ("median", spread.p50),
                ("p75", spread.p75),
                ("p95", spread.p95),
                ("most", spread.most),
            )
        )
        common = {"y": [label, label], "mode": "lines", "hoverinfo": "skip", "showlegend": False}
        figure.add_scatter(x=[spread.p05, spread.p95], line={"color": colour, "width": 2}, **common)
        figure.add_scatter(
            x=[spread.p25, spread.p75], line={"color": colour, "width": 16}, opacity=0.55, **common
        )
        for value, symbol in ((spread.p50, "line-ns"), (spread.mean, "diamond")):
            figure.add_scatter(
                x=[value],
                y=[label],
                mode="markers",
                marker={
                    "symbol": symbol,
                    "size": 18 if symbol == "line-ns" else 9,
                    "color": colour,
                    "line": {"color": colour, "width": 3 if symbol == "line-ns" else 0},
                },
                customdata=[said],
                hovertemplate=f"{label} · {fmt.plural(spread.runs, 'run')}<br>%{{customdata}}<extra></extra>",
                showlegend=False,
            )
    highest = max(max(spread.p95, spread.mean) for _, spread, _ in spreads)
    step = _round_step(highest / 4) if highest > 0 else 1.0
    ticks = [step * number for number in range(math.ceil(highest / step - 1e-9) + 1)]
    figure.update_layout(height=122, margin={"l": 0, "r": 16, "t": 4, "b": 0}, hovermode="closest")
    figure.update_xaxes(
        tickvals=ticks,
        ticktext=[write(value) if value else "0" for value in ticks],
        range=[-ticks[-1] * 0.02, ticks[-1] * 1.03],
        tickangle=0,
    )
    figure.update_yaxes(
        autorange="reversed",
        automargin=True,
        ticklabelstandoff=8,
        showgrid=False,
        range=[-0.6, len(spreads) - 0.4],
    )
    return figure
