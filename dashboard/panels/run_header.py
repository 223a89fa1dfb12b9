"""The top of a trace: what was asked, how it went, who asked, and its figures."""

import streamlit as st

from composite_llm import conventions as c
from dashboard import fmt, state
from dashboard.facts import limit_notes, run_budget, uncounted_notes
from dashboard.panels.beside import cards
from dashboard.panels.figure import figure
from dashboard.panels.other_runs import other_runs
from dashboard.panels.trace_downloads import trace_downloads
from dashboard.plain import in_markdown, line
from dashboard.run import Run

MOST_TAGS = 8


def run_header(run: Run) -> None:
    summary = run.summary
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            state.TRACES_PAGE,
            label="Traces",
            icon=":material/arrow_back:",
            query_params=state.last_list(),
        )
        st.title(in_markdown(summary.model_name or summary.root_name, 80), anchor=False, width="content")
        _badges(run)
    st.text(line(summary.question, 300) or "No question was recorded.", width="stretch")
    _about(run)
    _figures(run)
    _notes(run)


def _about(run: Run) -> None:
    """Id, moment, and what else the run shares with others: each leads to those."""
    summary = run.summary
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.code(summary.trace_id, language=None, width="content")
        st.caption(fmt.moment(state.local(summary.started)), width="content")
        if profile := run.request.get(c.PROFILE_NAME):
            st.caption(f"profile {in_markdown(str(profile), 60)}", width="content")
        _to_runs("user", summary.user_id, {state.USER: summary.user_id or ""})
        _to_runs("session", summary.session_id, {state.SESSION: summary.session_id or ""})
        for tag in (summary.tags or ())[:MOST_TAGS]:
            _to_runs("tag", tag, {state.TAG: tag})
        st.space("stretch")
        other_runs(summary)
        trace_downloads(run)


def _to_runs(label: str, value: str | None, filters: dict[str, str]) -> None:
    if value:
        st.page_link(
            state.TRACES_PAGE,
            label=f"{label} {in_markdown(value, 40)}",
            icon=":material/filter_alt:",
            query_params={state.WINDOW: "all", **filters},
            help=f"All runs of this {label}.",
        )


def _badges(run: Run) -> None:
    summary = run.summary
    if summary.strategy:
        st.badge(in_markdown(summary.strategy, 40), color="blue")
    if summary.simulated:
        st.badge(
            "simulated", color="orange", icon=":material/science:", help="Nothing was billed for this run."
        )
    if summary.status == "running":
        st.badge("running", color="blue", help="Its root has not ended: what is shown has ended.")
    if summary.failed:
        st.badge("failed", color="red", icon=":material/error:")
    elif summary.errors:
        st.badge(fmt.plural(summary.errors, "error"), color="red", icon=":material/error:")
    if run.request.get(c.DEGRADED) is True:
        st.badge("degraded", color="yellow", help="The answer is built on less than was asked for.")
    if run.request.get(c.BUDGET_REFUSED) or run.request.get(c.BUDGET_SHORTENED):
        st.badge(
            "budget", color="yellow", help="A budget kept calls from being made, or made answers shorter."
        )
    if unpriced := len(run.unpriced_calls):
        st.badge(f"{fmt.plural(unpriced, 'call')} without a price", color="yellow")
    if run.estimated_calls:
        st.badge(
            f"{run.estimated_calls:,} estimated",
            color="yellow",
            help="Calls whose tokens are an estimate from the words, since the provider told none: at least so many.",
        )
    if run.has_missing_usage:
        st.badge(
            "usage missing",
            color="yellow",
            help="An agent tells of more than its calls; what is missing is not known.",
        )


def _figures(run: Run) -> None:
    summary = run.summary
    tokens = summary.input_tokens + summary.output_tokens
    with cards("trace_figures", 6):
        figure(
            "Latency",
            fmt.duration(summary.latency_ms),
            fmt.plural(summary.spans, "span"),
            "From the first start to the last end.",
        )
        figure(
            "Cost",
            fmt.run_cost(summary.cost_usd, summary.unpriced_calls, tokens),
            _cost_note(run),
            "The sum of its calls, each by the price when it was made. The Spans tab lists them.",
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
        _critical(run)
        figure(
            "Tokens",
            fmt.compact(tokens),
            f"{fmt.compact(summary.input_tokens)} in"
            + (f", {fmt.compact(summary.cached_tokens)} cached" if summary.cached_tokens else "")
            + f" · {fmt.compact(summary.output_tokens)} out",
            f"{summary.input_tokens:,} in, of which {summary.cached_tokens:,} cached; {summary.output_tokens:,} out, "
            f"of which {summary.reasoning_tokens:,} reasoning.",
        )


def _critical(run: Run) -> None:
    whole, models, pauses = run.critical_ms, run.critical_model_ms, run.retry_wait_ms
    others = max(0.0, whole - models - pauses)
    figure(
        "Critical path",
        fmt.duration(whole),
        f"{fmt.share(models, whole)} models" + (f" · {fmt.duration(pauses)} retry wait" if pauses else ""),
        "The chain of spans that decided the latency; only a shorter one makes the run faster. "
        f"Of it {fmt.duration(models)} ({fmt.share(models, whole)}) in model calls, {fmt.duration(pauses)} in pauses "
        f"before another try, and {fmt.duration(others)} in the program itself, its tools and its waiting.",
    )


def _cost_note(run: Run) -> str:
    summary = run.summary
    if summary.simulated:
        return "not billed"
    if summary.unpriced_calls:
        return "no price known" if summary.cost_usd is None else "lower bound"
    return "estimated" if run.estimated_calls else "as recorded"


def _notes(run: Run) -> None:
    """Why a figure is less than it may seem; nothing where there is no reason."""
    request = run.request
    reasons = request.get(c.DEGRADED_REASONS, ())
    notes = list(limit_notes(reasons if isinstance(reasons, list) else (), run_budget(request)))
    for note in (*notes, *uncounted_notes(run)):
        st.caption(in_markdown(note, 400))
