"""The top of a trace: what was asked, how it went, and its figures."""

import streamlit as st

from dashboard import fmt, state
from dashboard.answers import Summary
from dashboard.plain import in_markdown, line
from dashboard.run import Run


def run_header(run: Run) -> None:
    summary = run.summary
    _title(summary)
    if summary.question:
        st.text(line(summary.question, 300))
    _facts(summary)
    _figures(run)


def _title(summary: Summary) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(state.TRACES_PAGE, label="Traces", icon=":material/arrow_back:")
        st.title(in_markdown(summary.model_name or summary.root_name, 80), anchor=False, width="content")
        if summary.strategy:
            st.badge(in_markdown(summary.strategy, 40), color="blue")
        if summary.simulated:
            st.badge(
                "simulated",
                color="orange",
                icon=":material/science:",
                help="Nothing was billed for this run.",
            )
        if summary.failed:
            st.badge("failed", color="red", icon=":material/error:")
        elif summary.errors:
            st.badge(fmt.plural(summary.errors, "error"), color="red", icon=":material/error:")
        if summary.unpriced_calls:
            st.badge(f"{fmt.plural(summary.unpriced_calls, 'call')} without a price", color="yellow")


def _facts(summary: Summary) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"Started {fmt.moment(state.local(summary.started))} · trace", width="content")
        st.code(summary.trace_id, language=None, width="content")


def _figures(run: Run) -> None:
    summary = run.summary
    tokens = summary.input_tokens + summary.output_tokens
    with st.grid(6, min_column_width=150, gap="small"):
        st.metric("Latency", fmt.duration(summary.latency_ms), border=True, height="stretch")
        st.metric(
            "Cost",
            fmt.money(summary.cost_usd, lower_bound=summary.unpriced_calls > 0) if summary.calls else "–",
            border=True,
            height="stretch",
        )
        st.metric("Model calls", fmt.count(summary.calls), border=True, height="stretch")
        st.metric(
            "Parallelism",
            "–" if not run.parallelism else f"{run.parallelism:.1f}×",
            help=f"Model work over wall time: {fmt.duration(run.model_work_ms)} of calls in "
            f"{fmt.duration(summary.latency_ms)}.",
            border=True,
            height="stretch",
        )
        st.metric(
            "Critical path",
            fmt.share(run.critical_model_ms, summary.latency_ms),
            help="How much of the run was waiting for a model, along the chain of spans that decided its length: "
            f"{fmt.duration(run.critical_model_ms)}. The rest is the program itself and waiting between tries.",
            border=True,
            height="stretch",
        )
        st.metric(
            "Tokens",
            fmt.compact(tokens),
            help=f"{tokens:,}: {summary.input_tokens:,} in ({summary.cached_tokens:,} cached), "
            f"{summary.output_tokens:,} out ({summary.reasoning_tokens:,} reasoning).",
            border=True,
            height="stretch",
        )
