"""One run by depth: how many levels, what they opened, and what their own calls come to."""

import pandas as pd
import streamlit as st

from dashboard import fmt
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.recursion import asking
from dashboard.recursion.by_depth import AtDepth, by_depth
from dashboard.recursion.nesting import Amounts
from dashboard.run import Run
from dashboard.widgets.icicle.payload import cost

RIGHT = ("Opened", "Cost", "Share", "Tokens", "Work")


def recursion_levels(run: Run) -> None:
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(
                "By depth",
                anchor=False,
                width="content",
                help="What the levels at each depth did themselves, without what stands deeper: so the rows add up "
                "to the run.",
            )
            open_in_sql("trace_spans", trace_id=run.summary.trace_id)
        nesting = asking.nesting(run, steps=False)
        whole = nesting.parts[0].total if nesting.parts else Amounts()
        column = st.column_config
        st.dataframe(
            pd.DataFrame([_cells(at, whole) for at in by_depth(nesting)]),
            hide_index=True,
            column_config={
                "Levels": column.NumberColumn(help="Composites, recursive nodes and agents at this depth."),
                **dict.fromkeys(RIGHT, column.Column(alignment="right")),
                "Opened": column.Column(
                    alignment="right", help="Levels right below these: of one on average, and the most."
                ),
                "Work": column.Column(alignment="right", help="Time of its spans, added up."),
            },
            alt="Table of the depths of this run with levels, calls, cost and tokens",
        )


def _cells(at: AtDepth, whole: Amounts) -> dict[str, object]:
    mean = at.opened / at.levels if at.levels else 0.0
    return {
        "Depth": at.depth,
        "Levels": at.levels,
        "Opened": f"{mean:.1f}, most {at.most_opened}" if at.opened else "none",
        "Calls": at.own.calls,
        "Cost": cost(at.own),
        "Share": fmt.share(at.own.known_usd, whole.known_usd) if at.own.priced else "–",
        "Tokens": fmt.compact(at.own.tokens),
        "Work": fmt.duration(at.own.ms),
    }
