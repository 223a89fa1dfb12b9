"""The spans of a trace word for word."""

import json

import streamlit as st

from dashboard import queries
from dashboard.answers import SpanDetail
from dashboard.conversation.found import parsed
from dashboard.panels.texts import long_text
from dashboard.plain import readable
from dashboard.run import Run

SHOWN = 200_000


def raw_span(run: Run, span: SpanDetail | None) -> None:
    """The chosen span as JSON: attributes by their original keys, events, links, resource."""
    trace_id = run.summary.trace_id
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(
            "The span that is selected, as it is stored."
            if span
            else "Select a span, in the timeline or in the table, to see it here as it is stored.",
            width="content",
        )
        st.download_button(
            "Whole trace, OTLP JSON",
            lambda: queries.otlp(trace_id),
            file_name=f"trace-{trace_id[:12]}.otlp.json",
            mime="application/json",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
    if span is None:
        return
    row = run.span(run.row_of[span.span_id])
    told = row | {
        name: parsed(text)
        for name, text in (
            ("attributes", span.attributes),
            ("events", span.events),
            ("links", span.links),
            ("resource", span.resource),
        )
    }
    text = json.dumps(told, indent=2, ensure_ascii=False, default=str)
    if len(text) <= SHOWN:
        st.code(readable(text), language="json", wrap_lines=True)
    else:
        long_text(text, key=f"raw-{span.span_id}")
