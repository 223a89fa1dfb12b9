"""Calls, cost and fan-out of many runs, by depth of recursion."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard import fmt
from dashboard.charts.depths import spread_by_depth
from dashboard.charts.ticks import axis_money
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.recursion import asking
from dashboard.recursion.across import Depth, Spread
from dashboard.state import Filters

CONFIG = {"displayModeBar": False}
OF_A_RUN = "Of a run that comes so deep, by the calls at that depth, without what stands deeper. "
RIGHT = ("Runs", "Levels", "Calls", "Cost", "Share", "Calls / run", "Cost / run", "Fan-out")
TAIL = "Bar: the mean. Line: 19 of 20 lie below it. Diamond: the most."


def recursion_depths(depths: Sequence[Depth], filters: Filters) -> None:
    with st.grid(3, min_column_width=270, gap="small"):
        _chart("Calls by depth", OF_A_RUN, [(each.depth, each.calls_of_run) for each in depths], _count)
        _chart(
            "Cost by depth",
            OF_A_RUN + _lower_bound(depths),
            [(each.depth, each.usd_of_run) for each in depths if each.usd_of_run],
            fmt.money,
        )
        _chart(
            "Fan-out by depth",
            "How many levels one level opens right below it: nodes, composites, agents. ",
            [(each.depth, each.opened) for each in depths],
            _count,
        )
    _table(depths, filters)


def _chart(
    title: str, meaning: str, rows: Sequence[tuple[int, Spread]], written: Callable[[float], str]
) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader(title, anchor=False, help=meaning + TAIL)
        if not rows:
            st.caption("No call of these runs has a known price.")
            return
        ticked = axis_money if written is fmt.money else _counts
        st.plotly_chart(
            spread_by_depth(rows, written, ticked),
            config=CONFIG,
            alt=f"{title}: mean, 95th percentile and most, for {fmt.plural(len(rows), 'depth')}",
        )


def _count(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def _counts(values: Sequence[float]) -> list[str]:
    return [fmt.compact(value) if value >= 1 or not value else f"{value:g}" for value in values]


def _lower_bound(depths: Sequence[Depth]) -> str:
    unpriced = sum(each.unpriced_calls for each in depths)
    return (
        f"The cost of {fmt.plural(unpriced, 'call')} is not known, so these are lower bounds. "
        if unpriced
        else ""
    )


def _table(depths: Sequence[Depth], filters: Filters) -> None:
    whole = sum(each.known_usd or 0.0 for each in depths)
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(
                "The same in figures: mean · p95 · most",
                anchor=False,
                width="content",
                help="Runs: those that come so deep. Levels: nodes, composites and agents there. The cost of all "
                "depths adds up to that of these runs.",
            )
            open_in_sql("nested_runs", **asking.bounded(filters))
        st.dataframe(
            pd.DataFrame([_cells(each, whole) for each in depths]),
            hide_index=True,
            column_config={name: st.column_config.Column(alignment="right") for name in RIGHT},
            alt="Table of depths with runs, levels, calls, cost and fan-out: mean, 95th percentile and most",
        )


def _cells(each: Depth, whole: float) -> dict[str, object]:
    least = each.unpriced_calls > 0

    return {
        "Depth": each.depth,
        "Runs": fmt.count(each.runs),
        "Levels": fmt.count(each.levels),
        "Calls": fmt.count(each.calls),
        "Cost": fmt.money(each.known_usd, lower_bound=least),
        "Share": "–" if each.known_usd is None else fmt.share(each.known_usd, whole),
        "Calls / run": _three(each.calls_of_run, _count),
        "Cost / run": f"{'≥ ' if least else ''}{_three(each.usd_of_run, fmt.money)}"
        if each.usd_of_run
        else fmt.UNKNOWN,
        "Fan-out": _three(each.opened, _count),
    }


def _three(spread: Spread, written: Callable[[float], str]) -> str:
    return " · ".join(written(amount) for amount in (spread.mean, spread.p95, spread.most))
