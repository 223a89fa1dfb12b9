"""A trace as files. Each is made when it is asked for, so that offering them costs the page nothing."""

import streamlit as st

from collector.interop.chrome_trace import chrome_trace
from dashboard import queries
from dashboard.plain import line
from dashboard.run import Run
from dashboard.span_export import spans_csv


def trace_downloads(run: Run) -> None:
    name = f"trace-{run.summary.trace_id[:12]}"
    with st.popover("Download", icon=":material/download:", type="tertiary"):
        _download(
            "OTLP JSON",
            lambda: queries.otlp(run.summary.trace_id),
            f"{name}.otlp.json",
            "application/json",
            "All of it, as it came: send it to any collector, with `curl -H 'content-type: application/json' "
            "--data @FILE …/v1/traces`.",
        )
        _download(
            "Chrome trace",
            lambda: _chrome(run),
            f"{name}.chrome.json",
            "application/json",
            "Times, costs and tokens without prompts and answers; ui.perfetto.dev, chrome://tracing and "
            "speedscope open it.",
        )
        _download(
            "Spans as CSV",
            lambda: spans_csv(run),
            f"{name}.csv",
            "text/csv",
            "A row a span, every number as it is stored, without prompts and answers.",
        )


def _download(label: str, data: object, file_name: str, mime: str, meaning: str) -> None:
    st.download_button(
        label,
        data,  # pyright: ignore[reportArgumentType]  # a function, which Streamlit calls at the click
        file_name=file_name,
        mime=mime,
        help=meaning,
        on_click="ignore",
        type="tertiary",
        width="stretch",
    )


def _chrome(run: Run) -> bytes:
    title = line(run.summary.model_name or run.summary.root_name, 120)
    return chrome_trace(title, run.spans.to_pylist(), [line(name, 120) for name in run.names])
