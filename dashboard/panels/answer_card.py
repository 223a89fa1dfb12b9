"""One call, tool, thought or cell of a run as a card: who, how long, what for, and what it said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from composite_llm import conventions as c
from dashboard import fmt, queries
from dashboard.answers import SpanContent
from dashboard.content import Message, messages, only_new, pretty
from dashboard.conversation.found import attributes_of, findings, parsed
from dashboard.naming import mark
from dashboard.panels.texts import READ, all_messages, long_code, long_text
from dashboard.plain import in_markdown
from dashboard.run import Run

GOOD = ("chosen", "read on")


@dataclass(frozen=True, slots=True)
class Reading:
    """A page of a run that is being read: what its spans say, and what a span that is picked does."""

    run: Run
    said: dict[str, SpanContent]
    on_picked: Callable[[str], None]
    missing: str
    """Why a text may not be there."""

    def of(self, row: int) -> SpanContent | None:
        return self.said.get(self.run.spans["span_id"][row].as_py())


def answer_card(reading: Reading, row: int, remarks: Sequence[str] = (), *, numbered: str = "") -> None:
    span = reading.run.span(row)
    content = reading.of(row)
    with st.container(border=True):
        _heading(reading, row, remarks, numbered)
        if span["status"] == "error":
            st.caption(f":red[{in_markdown(span['error_type'] or 'error', 80)}]")
            if span["status_message"]:
                long_text(span["status_message"], key=f"error-{span['span_id']}")
        match span["span_type"]:
            case c.THINK_STEP:
                _text(reading, row, content and content.input_text, content and content.input_chars)
            case c.REPL_EXEC:
                _cell(reading, row, content)
            case c.TOOL | c.GREP | c.READ_LINES:
                _tool(reading, row, content)
            case _:
                _answer(reading, row, content)


def foreign_card(reading: Reading, row: int, before: list[Message]) -> list[Message]:
    """A span of another library: what is new in what it was given, and what came out. Gives all of that."""
    content = reading.of(row)
    attributes = attributes_of(content.attributes) if content else {}
    given = _messages(content and content.input_text, attributes.get(c.TOOL_ARGUMENTS))
    made = _messages(content and content.output_text, attributes.get(c.TOOL_RESULT))
    shown, known = only_new(given, before)
    span_id = _span_id(reading, row)
    with st.container(border=True):
        _heading(reading, row, (), "")
        if known:
            st.caption(f"After {fmt.plural(known, 'message')} that were said before:")
        for told, chars, is_output in (
            (shown, content and content.input_chars, False),
            (made, content and content.output_chars, True),
        ):
            if content and (chars or 0) > READ:
                text = content.output_text if is_output else content.input_text
                _text(reading, row, text, chars, output=is_output)
            else:
                all_messages(told, key=f"{'out' if is_output else 'in'}-{span_id}")
        if not given and not made:
            st.caption(f"Nothing was recorded of what it says. {reading.missing}")
    # What came out of one call is what the next one is given back.
    return [*given, *made] if content and content.input_text else before


def _messages(said: str | None, beside: object) -> list[Message]:
    """What a span says; of a tool what its attributes say of its arguments or its result."""
    return messages(said, pretty(beside) if isinstance(beside, str) else None, longest=None)


def _heading(reading: Reading, row: int, remarks: Sequence[str], numbered: str) -> None:
    span = reading.run.span(row)
    unusual = mark(
        span["status"],
        span["outcome"],
        span["attempt"],
        span["is_orphan"],
        span["is_llm_call"],
        span["is_hedge"],
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        name = in_markdown(numbered or reading.run.names[row], 60)
        st.markdown(f"**{name}**", width="content")
        if span["is_llm_call"] and span["model"]:
            st.badge(
                in_markdown(reading.run.model_labels.get(span["model"], span["model"]), 40), color="gray"
            )
        for remark in remarks:
            st.badge(in_markdown(remark, 40), color="green" if remark in GOOD else "blue")
        if unusual:
            st.badge(in_markdown(unusual, 40), color="red" if span["status"] == "error" else "yellow")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_figures(reading.run, row), width="content")
        st.space("stretch")
        st.button(
            "Inspect",
            key=f"inspect-{span['span_id']}",
            type="tertiary",
            help="Opens this span in the timeline, with its cost, its attributes and its neighbours.",
            on_click=reading.on_picked,
            args=(span["span_id"],),
        )


def _span_id(reading: Reading, row: int) -> str:
    return reading.run.spans["span_id"][row].as_py()


def _figures(run: Run, row: int) -> str:
    span = run.span(row)
    said = [fmt.duration(span["duration_ms"])]
    if span["is_llm_call"]:
        said.append("–" if span["billing"] == "unbilled" else in_markdown(fmt.money(span["cost_usd"])))
        said.append(f"{fmt.count(span['input_tokens'])} in, {fmt.count(span['output_tokens'])} out")
    return " · ".join(said)


def _text(reading: Reading, row: int, text: str | None, chars: int | None, *, output: bool = False) -> None:
    span_id = _span_id(reading, row)
    if not text:
        st.caption(f"No text was recorded. {reading.missing}")
        return

    def whole() -> str:
        detail = queries.span_detail(reading.run.summary.trace_id, span_id)
        return ((detail.output_value if output else detail.input_value) or "") if detail else ""

    long_text(text, key=f"{'out' if output else 'in'}-{span_id}", chars=chars, whole=whole)


def _answer(reading: Reading, row: int, content: SpanContent | None) -> None:
    span = reading.run.span(row)
    text, chars = (content.output_text, content.output_chars) if content else (None, None)
    if text and (chars or 0) <= READ:
        all_messages([_without_role(each) for each in messages(text)], key=f"out-{span['span_id']}")
    elif text:
        _text(reading, row, text, chars, output=True)
    elif span["status"] != "error":
        st.caption(f"No answer was recorded. {reading.missing}")
    asked = st.expander(
        "What it was asked", type="compact", key=f"asked-{span['span_id']}", on_change="rerun"
    )
    if asked.open:
        with asked:
            _asked(reading, span["span_id"])


def _without_role(message: Message) -> Message:
    """That an answer is the assistant's goes without saying."""
    return Message("" if message.role == "assistant" else message.role, message.text, message.extras)


def _asked(reading: Reading, span_id: str) -> None:
    detail = queries.span_detail(reading.run.summary.trace_id, span_id)
    given = messages(detail.input_messages, detail.input_value) if detail else []
    all_messages(given, key=f"in-{span_id}")
    if not given:
        st.caption(f"No prompt was recorded. {reading.missing}")


def _cell(reading: Reading, row: int, content: SpanContent | None) -> None:
    """Code that a model had run: the code, what it printed, and how it ended."""
    told = parsed(content.input_text) if content else None
    code = told.get("code") if isinstance(told, dict) else None
    if isinstance(code, str):
        long_code(code, key=f"code-{_span_id(reading, row)}", language="python")
    else:
        _text(reading, row, content and content.input_text, content and content.input_chars)
    attributes = attributes_of(content.attributes) if content else {}
    ended = attributes.get(c.REPL_EXIT)
    if ended not in (None, "ok"):
        kind = attributes.get(c.REPL_EXCEPTION_TYPE) or ended
        st.badge(in_markdown(f"ended by {str(kind).replace('_', ' ')}", 60), color="red")
    if content and content.output_text:
        st.caption("Printed" + (", cut for the model" if attributes.get(c.REPL_TRUNCATED) is True else ""))
        long_code(content.output_text, key=f"printed-{_span_id(reading, row)}")
    elif content and content.output_chars is None:
        st.caption(f"No output was recorded. {reading.missing}")
    else:
        st.caption("It printed nothing.")


def _tool(reading: Reading, row: int, content: SpanContent | None) -> None:
    st.caption("Given")
    if content and content.input_text:
        long_code(pretty(content.input_text), key=f"given-{_span_id(reading, row)}")
    else:
        st.caption(f"Nothing was recorded. {reading.missing}")
    st.caption("Gave")
    _text(reading, row, content and content.output_text, content and content.output_chars, output=True)
    if said := ", ".join(
        f"{each.label} {each.value}"
        for each in findings(attributes_of(content.attributes) if content else {})
    ):
        st.caption(in_markdown(said))
