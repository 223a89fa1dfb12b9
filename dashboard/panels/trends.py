"""The charts of the overview, and the table that says the same per strategy."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import charts, fmt
from dashboard.answers import ModelSpend, StrategyLatency, StrategyTotals
from dashboard.charts import TimeAxis
from dashboard.palette import Palette
from dashboard.plain import line

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


def spend_by_model(spend: Sequence[ModelSpend], axis: TimeAxis, colours: Palette) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader("Spend by model", anchor=False)
        priced = [row for row in spend if row.spend_usd > 0]
        if not priced:
            st.caption("No call in this window has a known price.")
            return
        st.plotly_chart(
            charts.spend_by_model(priced, axis, colours),
            config=CONFIG,
            alt=f"Stacked bars of spend over time, {fmt.plural(len({row.model for row in priced}), 'model')}",
        )


def latency_by_strategy(latency: Sequence[StrategyLatency], axis: TimeAxis, colours: Palette) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader("Run latency by strategy", anchor=False)
        st.plotly_chart(
            charts.latency_by_strategy(latency, axis, colours),
            config=CONFIG,
            alt="Lines of median and 95th percentile run latency over time, by strategy",
        )


def tokens_by_strategy(strategies: Sequence[StrategyTotals]) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader("Tokens per run by strategy", anchor=False)
        st.plotly_chart(
            charts.tokens_by_strategy(strategies),
            config=CONFIG,
            alt="Bars of tokens per run by strategy: input, cached input, output, reasoning",
        )


def cost_by_strategy(strategies: Sequence[StrategyTotals]) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader("Cost per run by strategy", anchor=False)
        st.dataframe(
            pd.DataFrame([_cells(row) for row in strategies]),
            hide_index=True,
            alt="Table of strategies with runs, cost per run, spend, calls per run and latency",
            column_config={
                "Strategy": st.column_config.TextColumn(),
                **dict.fromkeys(
                    ("Per run", "Spend", "Calls / run", "p95"),
                    st.column_config.Column(alignment="right"),
                ),
            },
        )


def _cells(row: StrategyTotals) -> dict[str, object]:
    bounded = row.unpriced_calls > 0
    nothing_priced = bounded and row.spend_usd == 0
    return {
        "Strategy": line(row.strategy, 40),
        "Runs": row.runs,
        "Per run": fmt.money(None if nothing_priced else row.cost_per_run_usd, lower_bound=bounded),
        "Spend": fmt.money(None if nothing_priced else row.spend_usd, lower_bound=bounded),
        "Calls / run": f"{row.calls_per_run:.1f}",
        "p95": fmt.duration(row.p95_latency_ms),
    }
