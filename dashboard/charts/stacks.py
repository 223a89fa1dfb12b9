"""Stacked bars over time: what was spent by model, how many runs by strategy, how many tokens by kind."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import plotly.graph_objects as go

from dashboard import fmt
from dashboard.answers import BucketTotals, ModelSpend, StrategyLatency
from dashboard.charts.marks import Mark
from dashboard.charts.ticks import axis_money, linear_ticks, whole_ticks
from dashboard.charts.time_axis import TimeAxis, figure_over
from dashboard.naming import short_names
from dashboard.palette import STAGE, TOKEN_KINDS, Palette
from dashboard.plain import in_plotly

BAR_GAP = 0.14
MOST_STACKS = 8
"""A stack of more cannot be read; the smallest ones become one, `others`."""


@dataclass(slots=True)
class Stack:
    label: str
    colour: str
    leads_to: str
    """The name its marks carry; empty: all names."""
    heights: dict[datetime, float] = field(default_factory=dict[datetime, float])


def spend_by_model(spend: Sequence[ModelSpend], axis: TimeAxis, colours: Palette) -> go.Figure:
    """The dearest model lies at the bottom of every stack."""
    by_model: dict[str, dict[datetime, float]] = defaultdict(dict)
    for row in spend:
        by_model[row.model][row.bucket] = row.spend_usd
    stacks = _largest_first(by_model, short_names(by_model), colours)
    return _stacked(stacks, axis, fmt.money, linear_ticks, axis_money)


def runs_by_strategy(runs: Sequence[StrategyLatency], axis: TimeAxis, colours: Palette) -> go.Figure:
    """The busiest strategy lies at the bottom of every stack."""
    by_strategy: dict[str, dict[datetime, float]] = defaultdict(dict)
    for row in runs:
        by_strategy[row.strategy][row.bucket] = row.runs
    stacks = _largest_first(by_strategy, {name: name for name in by_strategy}, colours)
    return _stacked(stacks, axis, _runs, whole_ticks, _counts)


def tokens_by_kind(course: Sequence[BucketTotals], axis: TimeAxis) -> go.Figure:
    """What the tokens of each bucket are billed as; the four kinds do not overlap."""
    kinds = zip(*(row.token_kinds for row in course), strict=True)
    stacks = [
        Stack(kind, colour, "", dict(zip((row.bucket for row in course), counts, strict=True)))
        for (kind, colour), counts in zip(TOKEN_KINDS.items(), kinds, strict=True)
    ]
    return _stacked(stacks, axis, lambda tokens: fmt.count(round(tokens)), linear_ticks, _counts)


def _largest_first(
    by_name: Mapping[str, Mapping[datetime, float]], labels: Mapping[str, str], colours: Palette
) -> list[Stack]:
    names = sorted(by_name, key=lambda name: (-sum(by_name[name].values()), name))
    shown = names if len(names) <= MOST_STACKS else names[: MOST_STACKS - 1]
    stacks = [Stack(labels[name], colours.colour_for(name), name, dict(by_name[name])) for name in shown]
    if rest := names[len(shown) :]:
        others = Stack(f"{len(rest)} others", STAGE, "")
        for name in rest:
            for bucket, height in by_name[name].items():
                others.heights[bucket] = others.heights.get(bucket, 0) + height
        stacks.append(others)
    return stacks


def _stacked(
    stacks: Sequence[Stack],
    axis: TimeAxis,
    said: Callable[[float], str],
    ticks_to: Callable[[float], list[float]],
    written: Callable[[Sequence[float]], list[str]],
) -> go.Figure:
    figure = figure_over(axis)
    width = axis.seconds * 1000
    tops: dict[datetime, float] = defaultdict(float)
    for stack in stacks:
        for bucket, height in stack.heights.items():
            tops[bucket] += height
        figure.add_bar(
            x=[axis.on_clock(bucket) for bucket in stack.heights],
            y=list(stack.heights.values()),
            width=width * (1 - BAR_GAP),
            offset=width * BAR_GAP / 2,
            name=in_plotly(stack.label),
            marker={"color": stack.colour, "line": {"width": 0}},
            customdata=[
                Mark(stack.leads_to, *axis.bounds_of(bucket)).beside(said(height))
                for bucket, height in stack.heights.items()
            ],
            hovertemplate="%{customdata[0]}",
        )
    ticks = ticks_to(max(tops.values(), default=0))
    figure.update_layout(barmode="stack")
    figure.update_yaxes(tickvals=ticks, ticktext=written(ticks), rangemode="tozero")
    return figure


def _runs(number: float) -> str:
    return fmt.plural(round(number), "run")


def _counts(ticks: Sequence[float]) -> list[str]:
    return [fmt.compact(tick) for tick in ticks]
