"""One span: what it took, what it cost and how that is known, what went in and what came out."""

from collections.abc import Callable

import streamlit as st

from dashboard import content, fmt, queries
from dashboard.answers import SpanDetail
from dashboard.plain import in_markdown
from dashboard.run import Run

Pick = Callable[[str], None]

_COUNTED = {
    "provider": "Tokens as the provider counted them",
    "estimated": "Tokens are an estimate from the words, since the provider told none: at least so many",
}


def inspector(run: Run, span: SpanDetail, *, on_picked: Pick) -> None:
    with st.container(border=True):
        _title(run, span, on_picked)
        _error(span)
        _figures(run, span)
        _provenance(span)
        _tabs(span)


def _title(run: Run, span: SpanDetail, on_picked: Pick) -> None:
    name = run.names[run.row_of[span.span_id]]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(in_markdown(name, 80), anchor=False, width="content")
        if span.is_llm_call and span.model:
            st.badge(in_markdown(span.model, 60), color="gray")
        if span.simulated:
            st.badge("simulated", color="orange")
        if span.attempt and span.attempt > 1:
            st.badge(f"retry {span.attempt - 1}", color="yellow")
        if span.outcome and span.outcome != "ok":
            st.badge(in_markdown(span.outcome, 40), color="red" if span.status == "error" else "gray")
        st.space("stretch")
        known_parent = span.parent_span_id if span.parent_span_id in run.row_of else None
        _go("Parent", ":material/arrow_upward:", known_parent, on_picked)
        _go("Previous", ":material/chevron_left:", run.neighbour(span.span_id, -1), on_picked)
        _go("Next", ":material/chevron_right:", run.neighbour(span.span_id, 1), on_picked)


def _go(label: str, icon: str, span_id: str | None, on_picked: Pick) -> None:
    st.button(
        label,
        key=f"go_{label}",
        icon=icon,
        type="tertiary",
        disabled=span_id is None,
        on_click=on_picked,
        args=(span_id,),
    )


def _error(span: SpanDetail) -> None:
    if span.status == "error":
        st.error(in_markdown(span.error_type or "error"), icon=":material/error:")
        if span.status_message:
            st.code(span.status_message, language=None, wrap_lines=True)


def _figures(run: Run, span: SpanDetail) -> None:
    own = run.spans["self_ms"][run.row_of[span.span_id]].as_py()
    figures = {"Duration": fmt.duration(span.duration_ms), "Own time": fmt.duration(own)}
    if span.is_llm_call or span.usage_rule:
        figures["Cost"] = _cost(span)
        figures["Input tokens"] = fmt.count(span.input_tokens)
        figures["of it cached"] = fmt.count(span.cached_tokens)
        figures["Output tokens"] = fmt.count(span.output_tokens)
        figures["of it reasoning"] = fmt.count(span.reasoning_tokens)
    with st.grid(7, min_column_width=92, gap="small"):
        for label, value in figures.items():
            st.metric(label, value)


def _cost(span: SpanDetail) -> str:
    return "–" if span.billing == "unbilled" else fmt.money(span.cost_usd)


def _provenance(span: SpanDetail) -> None:
    """Where the numbers come from, in a sentence, and whether they count."""
    if span.usage_rule:
        counted = "counted" if span.is_llm_call else "not counted"
        read = f" As {in_markdown(span.dialect, 40)} writes it." if span.dialect else ""
        st.caption(f"Usage: {counted} – {in_markdown(span.usage_rule, 120)}.{read}")
    if not span.is_llm_call:
        if span.billing == "unpriced":
            st.caption(
                "It tells of more than the calls stored for it. None of what it tells is in the run's cost, "
                "which is a lower bound for that reason."
            )
        return
    if span.cost_usd is not None:
        version = f", price table {in_markdown(span.price_version, 60)}" if span.price_version else ""
        known = f"Cost from {in_markdown(span.cost_source or 'the sender', 40)}{version}"
        known += "; simulated, so nothing was billed" if span.simulated else ""
    elif span.billing == "unbilled":
        known = "Refused before anything was used"
    elif span.input_tokens is None and span.output_tokens is None:
        known = "It was sent and reported no usage, so what it cost is not known"
    else:
        known = "No price is known for this call"
    told = _COUNTED.get(span.usage_source or "", "")
    st.caption(". ".join(part for part in (known, told) if part) + ".")


def _tabs(span: SpanDetail) -> None:
    given, answered, attributes = st.tabs(["Input", "Output", "Attributes"])
    with given:
        _messages("input", content.messages(span.input_messages, span.input_value))
    with answered:
        why = "The call gave none." if span.status == "error" else ""
        _messages("output", content.messages(span.output_messages, span.output_value), why)
    with attributes:
        st.code(content.pretty(span.attributes), language="json", wrap_lines=True)
        for label, text in (("Events", span.events), ("Links", span.links), ("Resource", span.resource)):
            if text and text not in ("[]", "{}"):
                st.caption(label)
                st.code(content.pretty(text), language="json", wrap_lines=True)


def _messages(kind: str, messages: list[content.Message], why: str = "") -> None:
    """Trace content is shown by `st.code` only: it must not become Markdown, links or pictures."""
    if not messages:
        st.caption(f"No {kind} was recorded. {why or _why_content_is_missing()}")
    for message in messages:
        if message.role:
            st.caption(in_markdown(message.role, 40))
        st.code(message.text, language=None, wrap_lines=True)


def _why_content_is_missing() -> str:
    if queries.health().content == "none":
        return "This collector keeps no prompts and answers (COMPOSITE_LLM_CONTENT=none)."
    return "Its program sent none; COMPOSITE_LLM_CONTENT=none leaves content out there, too."
