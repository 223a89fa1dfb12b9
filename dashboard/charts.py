"""Charts: rows in, a figure out. Colours of text and grid come from the page's theme, so nothing here knows it."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from dashboard import fmt
from dashboard.answers import ModelSpend, StrategyLatency, StrategyTotals
from dashboard.naming import short_names
from dashboard.palette import TOKEN_KINDS, Palette
from dashboard.plain import in_plotly

HOUR, DAY = 3600, 86_400
HEIGHT = 300
SECOND_MS, MINUTE_MS, HOUR_MS = 1000.0, 60_000.0, 3_600_000.0
FINE_DURATIONS = (
    *(factor * 10.0**power for power in (-1, 0, 1, 2, 3) for factor in (1, 2, 5)),
    *(10 * SECOND_MS, 20 * SECOND_MS),
    *(minutes * MINUTE_MS for minutes in (1, 2, 5, 10, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 5, 10, 24)),
)
COARSE_DURATIONS = (
    0.1,
    1.0,
    10.0,
    100.0,
    SECOND_MS,
    10 * SECOND_MS,
    MINUTE_MS,
    10 * MINUTE_MS,
    HOUR_MS,
    24 * HOUR_MS,
)
MOST_TICKS = 8
BAR_GAP = 0.14
LEGEND = {"orientation": "h", "yanchor": "top", "y": -0.14, "x": 0, "xanchor": "left", "title": None}


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Whole buckets from the first to the last, so that a quiet stretch shows as one."""

    first: datetime
    last: datetime
    seconds: int
    zone: str

    @property
    def ends(self) -> list[datetime]:
        return [self.on_clock(self.first), self.on_clock(self.last + timedelta(seconds=self.seconds))]

    @property
    def tick_format(self) -> str:
        if self.seconds >= DAY:
            return "%-d %b"
        if self.ends[1] - self.ends[0] > timedelta(days=1):
            return "%-d %b %H:%M"
        return "%H:%M" if self.seconds >= 60 else "%H:%M:%S"

    def on_clock(self, utc: datetime) -> datetime:
        """What the reader's clock said. Plotly has no zones, so it gets that without one."""
        return utc.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)


def spend_by_model(spend: Sequence[ModelSpend], axis: TimeAxis, colours: Palette) -> go.Figure:
    """The dearest model lies at the bottom of every stack."""
    by_model: dict[str, float] = defaultdict(float)
    by_bucket: dict[datetime, float] = defaultdict(float)
    for row in spend:
        by_model[row.model] += row.spend_usd
        by_bucket[row.bucket] += row.spend_usd
    names = short_names(by_model)
    width = axis.seconds * 1000
    figure = _figure(axis)
    for model in sorted(by_model, key=lambda model: (-by_model[model], model)):
        rows = [row for row in spend if row.model == model]
        figure.add_bar(
            x=[axis.on_clock(row.bucket) for row in rows],
            y=[row.spend_usd for row in rows],
            width=width * (1 - BAR_GAP),
            offset=width * BAR_GAP / 2,
            name=in_plotly(names[model]),
            marker={"color": colours.colour_for(model), "line": {"width": 0}},
            customdata=[fmt.money(row.spend_usd) for row in rows],
            hovertemplate="%{customdata}",
        )
    ticks = linear_ticks(max(by_bucket.values(), default=0))
    figure.update_layout(barmode="stack")
    figure.update_yaxes(tickvals=ticks, ticktext=axis_money(ticks), rangemode="tozero")
    return figure


def latency_by_strategy(latency: Sequence[StrategyLatency], axis: TimeAxis, colours: Palette) -> go.Figure:
    """Solid is the median, dotted the 95th percentile; both stand in the middle of their bucket."""
    figure = _figure(axis)
    half = timedelta(seconds=axis.seconds / 2)
    for strategy in sorted({row.strategy for row in latency}):
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
                customdata=[fmt.duration(ms) for ms in values],
                hovertemplate="%{customdata}",
            )
    ticks = log_ticks([ms for row in latency for ms in (row.p50_ms, row.p95_ms)])
    figure.update_yaxes(
        type="log",
        tickvals=ticks,
        ticktext=[
            fmt.duration(ms).replace(".0 ", " ").removesuffix(" 00 s").removesuffix(" 00 m") for ms in ticks
        ],
        range=[math.log10(ticks[0]) - 0.05, math.log10(ticks[-1]) + 0.05],
    )
    return figure


def tokens_by_strategy(strategies: Sequence[StrategyTotals]) -> go.Figure:
    """Tokens of an average run, by what they are billed as."""
    names = [in_plotly(row.strategy) for row in strategies]
    per_run = [
        [
            tokens / row.runs
            for tokens in (
                row.uncached_input_tokens,
                row.cached_tokens,
                row.visible_output_tokens,
                row.reasoning_tokens,
            )
        ]
        for row in strategies
    ]
    figure = go.Figure()
    for (kind, colour), tokens in zip(TOKEN_KINDS.items(), zip(*per_run, strict=True), strict=True):
        figure.add_bar(
            y=names,
            x=list(tokens),
            name=kind,
            orientation="h",
            width=0.62,
            marker={"color": colour, "line": {"width": 0}},
            customdata=[fmt.count(round(value)) for value in tokens],
            hovertemplate=f"{kind}: %{{customdata}}<extra>%{{y}}</extra>",
        )
    ticks = linear_ticks(max(sum(kinds) for kinds in per_run))
    plot_height = max(58, 46 * len(names))
    figure.update_layout(
        barmode="stack",
        height=plot_height + 92,
        margin={"l": 0, "r": 12, "t": 8, "b": 0},
        legend={**LEGEND, "traceorder": "normal", "y": -36 / plot_height},
    )
    figure.update_xaxes(tickvals=ticks, ticktext=[fmt.compact(value) for value in ticks])
    figure.update_yaxes(autorange="reversed", ticks="", automargin=True, ticklabelstandoff=8)
    return figure


def linear_ticks(highest: float) -> list[float]:
    """0 and up to five even steps of 1, 2 or 5 that reach `highest`."""
    if highest <= 0:
        return [0.0]
    power = 10.0 ** math.floor(math.log10(highest / 5))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= highest / 5 * (1 - 1e-9))
    return [step * index for index in range(math.ceil(highest / step - 1e-9) + 1)]


def axis_money(ticks: Sequence[float]) -> list[str]:
    """As many decimals on every tick as the smallest step needs."""
    step = ticks[1] if len(ticks) > 1 else 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"${tick:,.{2 if decimals == 1 else decimals}f}" if tick else "$0" for tick in ticks]


def log_ticks(milliseconds: Sequence[float]) -> list[float]:
    """Round durations from under the least value to over the greatest, coarser where they would crowd."""
    if not milliseconds:
        return [100.0, 1000.0, 10_000.0]
    lowest, highest = min(milliseconds), max(milliseconds)
    for steps in (FINE_DURATIONS, COARSE_DURATIONS):
        first = max((index for index, step in enumerate(steps) if step <= lowest), default=0)
        last = min((index for index, step in enumerate(steps) if step >= highest), default=len(steps) - 1)
        last = max(last, first + 1) if first + 1 < len(steps) else last
        if last - first < MOST_TICKS:
            break
    return list(steps[first : last + 1])


def _figure(axis: TimeAxis) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        hovermode="x unified",
        legend={**LEGEND, "traceorder": "normal"},
        showlegend=True,
        hoverlabel={"namelength": -1},
    )
    figure.update_xaxes(type="date", range=axis.ends, nticks=7, tickformat=axis.tick_format, showgrid=False)
    figure.update_yaxes(automargin=True, ticklabelstandoff=6)
    return figure
