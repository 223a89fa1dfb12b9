"""All modes: what those that ran cost against how long they take, and the tables that open one."""

from collections.abc import Callable, Mapping

import streamlit as st

from composite_llm.planning.told import Catalogue
from dashboard import fmt, state
from dashboard.answers import ModeTotals
from dashboard.charts.trade_off import trade_off
from dashboard.palette import palette_of
from dashboard.panels.mode_notices import typical, unusable
from dashboard.panels.mode_table import cost_per_run, mode_tables
from dashboard.panels.notices import simulated_among
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.panels.trends import CONFIG
from dashboard.plain import in_markdown
from dashboard.state import Filters

CHART = "mode_trade_off"
MOST_POINTS = 40
Recorded = Mapping[str, ModeTotals]


def mode_list(catalogue: Catalogue | None, recorded: Recorded, filters: Filters) -> None:
    if catalogue:
        unusable(catalogue)
    simulated_among(
        sum(row.simulated_runs for row in recorded.values()), sum(row.runs for row in recorded.values())
    )
    _trade_off(recorded, filters)
    mode_tables(catalogue, recorded)
    if catalogue:
        typical(catalogue)


def _trade_off(recorded: Recorded, filters: Filters) -> None:
    priced = [row for row in recorded.values() if (row.cost_per_run_usd or 0) > 0 and row.p50_latency_ms > 0]
    if len(priced) < 2:
        return
    shown = sorted(priced, key=lambda row: -row.runs)[:MOST_POINTS]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("What modes cost, and how long they take", anchor=False, width="content")
            st.space("stretch")
            open_in_sql("by_mode", **filters.parameters())
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _leads("Dearest per run", max(priced, key=lambda row: row.cost_per_run_usd or 0), cost_per_run)
            _leads(
                "Slowest",
                max(priced, key=lambda row: row.p50_latency_ms),
                lambda row: f"p50 {fmt.duration(row.p50_latency_ms)}",
            )
            _leads(
                "Most spent on",
                max(priced, key=lambda row: row.spend_usd),
                lambda row: fmt.money(row.spend_usd, lower_bound=row.unpriced_calls > 0),
            )
        st.plotly_chart(
            trade_off(shown, palette_of(recorded)),
            config=CONFIG,
            key=CHART,
            on_select=_open_point,
            selection_mode="points",
            alt=f"Points of {fmt.plural(len(shown), 'mode')}: mean cost of a run over its median latency. "
            "The tables below have the same figures. Select a point to open the mode.",
        )
        left = len(recorded) - len(shown)
        if left:
            st.caption(
                f"{fmt.plural(left, 'mode')} without a known cost, or that ran less, {'is' if left == 1 else 'are'} not in it."
            )


def _leads(what: str, row: ModeTotals, figure: Callable[[ModeTotals], str]) -> None:
    st.button(
        f"{what}: {in_markdown(row.mode, 40)}, {figure(row)}".replace("$", "\\$"),
        key=f"lead_{what}",
        type="tertiary",
        icon=":material/arrow_forward:",
        on_click=open_mode,
        args=(row.mode,),
    )


def open_mode(name: str) -> None:
    st.query_params[state.MODE] = name


def _open_point() -> None:
    for point in st.session_state[CHART].selection.points:
        match point.get("customdata"):
            case [_, str() as name, *_]:
                open_mode(name)
                return
            case _:
                continue
