"""The top of a trace: what was asked, how it went, and its figures."""

import streamlit as st

from dashboard import fmt, state
from dashboard.answers import Summary
from dashboard.panels.figure import figure
from dashboard.plain import in_markdown, line
from dashboard.run import Run


def run_header(run: Run) -> None:
    summary = run.summary
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(state.TRACES_PAGE, label="Traces", icon=":material/arrow_back:")
        st.title(in_markdown(summary.model_name or summary.root_name, 80), anchor=False, width="content")
        _badges(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(line(summary.question, 300) or "No question was recorded.", width="stretch")
        st.caption(fmt.moment(state.local(summary.started)), width="content")
        st.code(summary.trace_id, language=None, width="content")
    _figures(run)


def _badges(run: Run) -> None:
    summary = run.summary
    if summary.strategy:
        st.badge(in_markdown(summary.strategy, 40), color="blue")
    if summary.simulated:
        st.badge(
            "simulated", color="orange", icon=":material/science:", help="Nothing was billed for this run."
        )
    if summary.failed:
        st.badge("failed", color="red", icon=":material/error:")
    elif summary.errors:
        st.badge(fmt.plural(summary.errors, "error"), color="red", icon=":material/error:")
    if unpriced := len(run.unpriced_calls):
        st.badge(f"{fmt.plural(unpriced, 'call')} without a price", color="yellow")
    if run.has_missing_usage:
        st.badge(
            "usage missing",
            color="yellow",
            help="An agent tells of more than its calls; what is missing is not known.",
        )


def _figures(run: Run) -> None:
    summary = run.summary
    tokens = summary.input_tokens + summary.output_tokens
    waiting = run.critical_model_ms
    with st.grid(6, min_column_width=118, gap="small"):
        figure(
            "Latency",
            fmt.duration(summary.latency_ms),
            fmt.plural(summary.spans, "span"),
            "From the first start to the last end.",
        )
        figure(
            "Cost",
            fmt.run_cost(summary.cost_usd, summary.unpriced_calls, tokens),
            _cost_note(summary),
            "The sum of its calls, each by the price when it was made.",
        )
        figure(
            "Model calls",
            fmt.count(summary.calls),
            fmt.plural(len(summary.models), "model"),
            "Attempts that were sent to a provider, retries among them.",
        )
        figure(
            "Parallelism",
            f"{run.parallelism:.1f}×" if run.parallelism else "–",
            f"{fmt.duration(run.model_work_ms)} of work",
            "Time in model calls, added up, over the latency: 2.0× means two calls at once on average.",
        )
        figure(
            "Critical path",
            fmt.duration(waiting),
            f"models {fmt.share(waiting, summary.latency_ms)}",
            "Time in models along the chain of spans that decided the latency. The rest is the program itself and "
            "waiting between tries. Only a shorter critical path makes the run faster.",
        )
        figure(
            "Tokens",
            fmt.compact(tokens),
            f"{fmt.compact(summary.output_tokens)} out",
            f"{summary.input_tokens:,} in, of which {summary.cached_tokens:,} cached; {summary.output_tokens:,} out, "
            f"of which {summary.reasoning_tokens:,} reasoning.",
        )


def _cost_note(summary: Summary) -> str:
    if summary.simulated:
        return "not billed"
    if not summary.unpriced_calls:
        return "as recorded"
    return "no price known" if summary.cost_usd is None else "lower bound"
