"""How the runs of one mode are spread: a histogram a measure."""

from collections.abc import Mapping

import streamlit as st

from dashboard import fmt
from dashboard.answers.modes import Bar, Measure
from dashboard.charts import spread as charts
from dashboard.modes import asking
from dashboard.modes.asking import ModeRuns
from dashboard.panels.mode_scores import mode_scores
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.panels.trends import CONFIG

COLOURS = {"cost_usd": "#4C78DB", "latency_ms": "#27A69A", "tokens": "#EE8A3C", "calls": "#9A6FE0"}


def mode_spread(runs: ModeRuns) -> None:
    measures, bars = asking.measures(runs), asking.histograms(runs)
    all_runs = measures["calls"].runs if "calls" in measures else 0
    with st.grid(2, min_column_width=380, gap="small"):
        for name in charts.KINDS:
            _one(name, runs, measures, bars, all_runs)
    mode_scores([runs])


def _one(
    name: str,
    runs: ModeRuns,
    measures: Mapping[str, Measure],
    bars: Mapping[str, list[Bar]],
    all_runs: int,
) -> None:
    kind, spread = charts.KINDS[name], measures.get(name)
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(kind.name, anchor=False, width="content")
            st.space("stretch")
            open_in_sql("run_histograms", **runs.parameters())
        if not spread:
            st.caption("The cost of none of these runs is known.")
            return
        st.plotly_chart(
            charts.histogram(bars[name], spread, COLOURS[name]),
            config=CONFIG,
            key=f"spread-{name}",
            alt=f"Histogram of {kind.name.lower()} of {fmt.plural(spread.runs, 'run')}: {in_words(spread)}",
        )
        if spread.runs < all_runs:
            left = all_runs - spread.runs
            st.caption(
                f"{fmt.plural(left, 'run')} whose cost is not known whole {'is' if left == 1 else 'are'} not in it."
            )


def in_words(spread: Measure) -> str:
    write = charts.KINDS[spread.measure].write
    return (
        f"mean {write(spread.mean)}, median {write(spread.p50)}, 95th percentile {write(spread.p95)}, "
        f"from {write(spread.least)} to {write(spread.most)}"
    )
