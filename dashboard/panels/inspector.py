"""One span: what it took, what it cost and how that is known, what went in and what came out."""

from collections.abc import Callable

import streamlit as st

from composite_llm import conventions as c
from dashboard import content, fmt
from dashboard.answers import SpanDetail
from dashboard.conversation.found import attributes_of
from dashboard.panels.cost_sum import cost_sum
from dashboard.panels.missing_content import why_content_is_missing
from dashboard.panels.related_spans import related_spans
from dashboard.panels.texts import all_messages, long_text
from dashboard.plain import in_markdown, line
from dashboard.run import Run

Pick = Callable[[str], None]

PARAMETERS = c.REQUEST_MODEL.removesuffix("model")
"""What the keys begin with that say how a model was asked."""


def inspector(run: Run, span: SpanDetail, *, on_picked: Pick) -> None:
    with st.container(border=True):
        _title(run, span, on_picked)
        _error(span)
        _figures(run, span)
        cost_sum(span)
        _parameters(span)
        related_spans(run, span, on_picked=on_picked)
        _tabs(span)


def _title(run: Run, span: SpanDetail, on_picked: Pick) -> None:
    row = run.row_of[span.span_id]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(in_markdown(run.names[row], 80), anchor=False, width="content")
        if span.is_llm_call and span.model:
            st.badge(in_markdown(span.model, 60), color="gray")
        if span.simulated:
            st.badge("simulated", color="orange")
        if run.spans["is_hedge"][row].as_py():
            st.badge("hedge", color="yellow")
        elif span.is_llm_call and span.attempt and span.attempt > 1:
            st.badge(f"retry {span.attempt - 1}", color="yellow")
        if span.outcome and span.outcome != "ok":
            st.badge(
                in_markdown(span.outcome.replace("_", " "), 40),
                color="red" if span.status == "error" else "gray",
            )
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
            long_text(span.status_message, key=f"error-{span.span_id}")


def _figures(run: Run, span: SpanDetail) -> None:
    row = run.row_of[span.span_id]
    figures = {
        "Duration": fmt.duration(span.duration_ms),
        "Own time": fmt.duration(run.spans["self_ms"][row].as_py()),
    }
    if span.is_llm_call or span.usage_rule:
        figures["Cost"] = "–" if span.billing == "unbilled" else fmt.money(span.cost_usd)
        figures["Input tokens"] = fmt.count(span.input_tokens)
        figures["of it cached"] = fmt.count(span.cached_tokens)
        figures["Output tokens"] = fmt.count(span.output_tokens)
        figures["of it reasoning"] = fmt.count(span.reasoning_tokens)
    elif run.cost_texts[row]:
        figures["Cost under it"] = run.cost_texts[row]
    with st.grid(7, min_column_width=92, gap="small"):
        for label, value in figures.items():
            st.metric(label, value)


def _parameters(span: SpanDetail) -> None:
    """What the call was made with, beside its messages."""
    given = {
        key.removeprefix(PARAMETERS).replace("_", " ").replace(".", " "): value
        for key, value in attributes_of(span.attributes).items()
        if key.startswith(PARAMETERS) and key != c.REQUEST_MODEL and value is not None
    }
    if given:
        said = ", ".join(f"{name} {value}" for name, value in sorted(given.items()))
        st.caption(f"Parameters: {in_markdown(said, 400)}.")


def _tabs(span: SpanDetail) -> None:
    given, answered, attributes = st.tabs(["Input", "Output", "Attributes"])
    with given:
        _messages(
            "input", span.span_id, content.messages(span.input_messages, span.input_value, longest=None)
        )
    with answered:
        why = "The call gave none." if span.status == "error" else ""
        told = content.messages(span.output_messages, span.output_value, longest=None)
        _messages("output", span.span_id, told, why)
    with attributes:
        st.code(_cut(content.pretty(span.attributes)), language="json", wrap_lines=True)
        for label, text in (("Events", span.events), ("Links", span.links), ("Resource", span.resource)):
            if text and text not in ("[]", "{}"):
                st.caption(label)
                st.code(_cut(content.pretty(text)), language="json", wrap_lines=True)


def _cut(text: str) -> str:
    return content.cut(text, 20_000)


def _messages(kind: str, span_id: str, messages: list[content.Message], why: str = "") -> None:
    if not messages:
        st.caption(f"No {kind} was recorded. {why or why_content_is_missing()}")
    all_messages(messages, key=f"inspected-{kind}-{line(span_id)}")
