"""What a run costs, by strategy: not only on average, since one dear run in twenty decides a bill."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import fmt, links, state
from dashboard.answers import StrategyTotals
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import line

TABLE = "cost_by_strategy"
MEANING = (
    "Mean, median (p50), 19 of 20 (p95) and the dearest of what single runs cost. Share is that of the window's spend. "
    "A ≥ says that calls without a known price are left out. Select a row to see the strategy's runs."
)


def cost_by_strategy(strategies: Sequence[StrategyTotals], filters: state.Filters) -> None:
    total = sum(row.spend_usd for row in strategies)
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Cost per run by strategy", anchor=False, help=MEANING, width="content")
            open_in_sql("by_strategy", **filters.parameters())
        st.dataframe(
            pd.DataFrame([_cells(row, total) for row in strategies]),
            key=TABLE,
            on_select=partial(_open_chosen, [row.strategy for row in strategies]),
            selection_mode="single-cell",
            hide_index=True,
            alt="Table of strategies with runs, mean, median, 95th percentile and highest cost of a run, spend, calls "
            "per run and latency. Select a row to see its runs.",
            column_config=_columns(),
        )


def _open_chosen(shown: Sequence[str]) -> None:
    """`shown` are the strategies of the rows as the reader saw them."""
    row = links.chosen_row(TABLE)
    if row is not None and row < len(shown):
        links.choose_runs(links.Runs(strategy=shown[row], sort="cost"))


def _columns() -> dict[str, ColumnConfig]:
    right = st.column_config.Column(alignment="right")
    return {
        "Strategy": st.column_config.TextColumn(),
        "Runs": st.column_config.NumberColumn(format="localized"),
        "Share": st.column_config.ProgressColumn(
            "Share of spend", format="%.0f %%", min_value=0, max_value=100
        ),
        **dict.fromkeys(("Mean", "p50", "p95", "Highest", "Spend", "Calls / run", "p95 latency"), right),
    }


def _cells(row: StrategyTotals, total: float) -> dict[str, object]:
    bounded = row.unpriced_calls > 0

    def money(usd: float | None) -> str:
        return fmt.money(None if row.nothing_priced else usd, lower_bound=bounded)

    return {
        "Strategy": line(row.strategy, 40),
        "Runs": row.runs,
        "Mean": money(row.cost_per_run_usd),
        "p50": money(row.p50_cost_usd),
        "p95": money(row.p95_cost_usd),
        "Highest": money(row.most_cost_usd),
        "Spend": money(row.spend_usd),
        "Share": 100 * row.spend_usd / total if total else None,
        "Calls / run": f"{row.calls_per_run:.1f}",
        "p95 latency": fmt.duration(row.p95_latency_ms),
    }
