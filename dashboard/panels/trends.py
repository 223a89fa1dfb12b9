"""The charts of the overview. A click on a bar or a point leads to the runs it is made of."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard import fmt, links
from dashboard.answers import BucketTotals, ModelSpend, StrategyLatency, StrategyTotals
from dashboard.charts import latency, stacks, tokens
from dashboard.charts.marks import Mark, chosen_mark
from dashboard.charts.time_axis import TimeAxis
from dashboard.palette import Palette
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import line

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}
CLICK = "Click a bar to see its runs."
MOST_STRATEGIES = 12
RUNS, SPEND, LATENCY, TOKENS, TOKENS_PER_RUN = "runs", "spend", "latency", "tokens", "tokens_per_run"
LEADS: dict[str, Callable[[Mark], links.Runs]] = {
    RUNS: lambda mark: links.Runs(strategy=mark.name, since_s=mark.since_s, until_s=mark.until_s),
    SPEND: lambda mark: links.Runs(model=mark.name, since_s=mark.since_s, until_s=mark.until_s, sort="cost"),
    LATENCY: lambda mark: links.Runs(
        strategy=mark.name, since_s=mark.since_s, until_s=mark.until_s, sort="latency"
    ),
    TOKENS: lambda mark: links.Runs(since_s=mark.since_s, until_s=mark.until_s, sort="tokens"),
    TOKENS_PER_RUN: lambda mark: links.Runs(strategy=mark.name, sort="tokens"),
}
"""By chart, where its marks lead."""
Parameters = Mapping[str, Any]
"""Of the question behind a chart."""


def runs_by_strategy(
    rows: Sequence[StrategyLatency], axis: TimeAxis, colours: Palette, asked: Parameters
) -> None:
    _card(
        RUNS,
        "Runs by strategy",
        f"How many requests began, by their strategy. {CLICK}",
        ("latency_by_strategy", asked),
        stacks.runs_by_strategy(rows, axis, colours),
        f"Stacked bars of runs over time by strategy, {len({row.strategy for row in rows})} of them",
    )


def spend_by_model(spend: Sequence[ModelSpend], axis: TimeAxis, colours: Palette, asked: Parameters) -> None:
    priced = [row for row in spend if row.spend_usd > 0]
    _card(
        SPEND,
        "Spend by model",
        f"What the calls of each model cost, in the bar in which their run began. {CLICK}",
        ("spend_by_model", asked),
        stacks.spend_by_model(priced, axis, colours) if priced else None,
        f"Stacked bars of spend over time, {fmt.plural(len({row.model for row in priced}), 'model')}",
        note=_unpriced([row.model for row in spend if row.unpriced_calls])
        if priced
        else "No call in this window has a known price.",
    )


def latency_by_strategy(
    rows: Sequence[StrategyLatency], axis: TimeAxis, colours: Palette, asked: Parameters
) -> None:
    _card(
        LATENCY,
        "Run latency by strategy",
        "Solid: half of the runs took no longer (p50). Dotted: 19 of 20 (p95). Click a point to see its runs.",
        ("latency_by_strategy", asked),
        latency.latency_by_strategy(rows, axis, colours),
        "Lines of median and 95th percentile run latency over time, by strategy",
        note=_left_out(len(latency.busiest(rows)), len({row.strategy for row in rows}), "busiest"),
    )


def tokens_over_time(course: Sequence[BucketTotals], axis: TimeAxis, asked: Parameters) -> None:
    _card(
        TOKENS,
        "Tokens by kind",
        "What the tokens of all runs are billed as: input without cached input, output without reasoning. "
        f"{CLICK}",
        ("totals_over_time", asked),
        stacks.tokens_by_kind(course, axis),
        "Stacked bars of tokens over time: input, cached input, output, reasoning",
    )


def tokens_by_strategy(strategies: Sequence[StrategyTotals], asked: Parameters) -> None:
    shown = strategies[:MOST_STRATEGIES]
    _card(
        TOKENS_PER_RUN,
        "Tokens per run by strategy",
        f"Tokens of an average run, by what they are billed as; the dearest strategy first. {CLICK}",
        ("by_strategy", asked),
        tokens.tokens_by_strategy(shown),
        "Bars of tokens per run by strategy: input, cached input, output, reasoning",
        note=_left_out(len(shown), len(strategies), "dearest"),
    )


def _open_clicked(chart: str) -> None:
    if mark := chosen_mark(st.session_state.get(_key(chart), {}).get("selection", {})):
        links.choose_runs(LEADS[chart](mark))


def _card(
    chart: str,
    title: str,
    meaning: str,
    behind: tuple[str, Parameters],
    figure: go.Figure | None,
    alt: str,
    *,
    note: str = "",
) -> None:
    question, parameters = behind
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(title, anchor=False, help=meaning, width="content")
            open_in_sql(question, **parameters)
        if figure is not None:
            st.plotly_chart(
                figure,
                config=CONFIG,
                alt=alt,
                key=_key(chart),
                on_select=partial(_open_clicked, chart),
                selection_mode="points",
            )
        if note:
            st.caption(note)


def _key(chart: str) -> str:
    return f"chart_of_{chart}"


def _unpriced(models: Sequence[str]) -> str:
    named = sorted({line(model, 40) for model in models})
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return f"Calls without a known price are left out, of {', '.join(named[:3])}{more}." if named else ""


def _left_out(shown: int, of: int, which: str) -> str:
    return f"The {shown} {which} of {of} strategies. Choose others on the left." if shown < of else ""
