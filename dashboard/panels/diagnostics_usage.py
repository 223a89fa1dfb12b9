"""Usage that is told more than once: whose counts, whose does not, and why."""

from collections.abc import Sequence

import streamlit as st

from dashboard import fmt
from dashboard.diagnosis.answers import UsageRule
from dashboard.panels.diagnostics_table import table, to_span
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import line
from dashboard.state import Filters

MEANING = (
    "Agents carry the sum of their calls, two libraries tell of one call, a stream is told twice. Each such span's usage is "
    "held against that of the spans below it, so that nothing is counted twice. These are the decisions."
)


def usage_rules(rows: Sequence[UsageRule] | None, filters: Filters) -> None:
    if rows is None:
        return
    left_out = [row for row in rows if not row.counts]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Double counting that was prevented", anchor=False, help=MEANING, width="content")
        open_in_sql("usage_rules", since_ns=filters.since_ns, until_ns=filters.until_ns)
    if not rows:
        st.caption("No span of another library tells any usage here, so there was nothing to decide.")
        return
    st.caption(
        f"{fmt.plural(sum(row.spans for row in left_out), 'span')} of other libraries "
        f"{'is' if sum(row.spans for row in left_out) == 1 else 'are'} left out of every sum, as what they tell is told "
        "elsewhere or cannot be placed."
        if left_out
        else "Every span of another library that tells usage counts, each for itself."
    )
    column = st.column_config
    right = column.Column(alignment="right")
    table(
        "usage_table",
        [_cells(row) for row in rows],
        [to_span(row.example_trace_id, row.example_span_id) for row in rows],
        {
            "Counts": column.TextColumn(width="small"),
            "Why": column.TextColumn(width="large"),
            "Recorded by": column.TextColumn(),
            "Spans": column.NumberColumn(),
            "Runs": column.NumberColumn(),
            "Tokens told": right,
            "Cost told": right,
        },
        alt="Table of rules by which usage of other libraries counts or does not, by dialect. Select a row to open an example.",
    )


def _cells(row: UsageRule) -> dict[str, object]:
    return {
        "Counts": "yes" if row.counts else "no",
        "Why": line(row.rule, 160),
        "Recorded by": line(row.dialect or "unknown", 40),
        "Spans": row.spans,
        "Runs": row.traces,
        "Tokens told": fmt.compact(row.input_tokens + row.output_tokens),
        "Cost told": fmt.money(row.told_usd),
    }
