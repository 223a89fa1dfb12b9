"""Texts from traces, long ones cut with a button for the rest. By `st.text` and `st.code` alone: neither reads
Markdown or HTML, follows links or loads pictures."""

from collections.abc import Callable

import streamlit as st

from dashboard import fmt
from dashboard.content import Extra, Message, pretty
from dashboard.plain import in_markdown, readable

SHOWN, TAIL = 1_800, 400
"""Characters of a long text that are drawn at once: its beginning and its end, where a question often stands."""
READ = 20_000
"""Characters of a text that a page reads at first. What is longer is fetched when all of it is asked for."""
ROOM = 420
"""Pixels, of a text that is shown whole though it is long: it scrolls."""
KINDS = {"reasoning": "Reasoning", "call": "Calls", "result": "Result", "other": "Also"}


def long_text(
    text: str, *, key: str, chars: int | None = None, whole: Callable[[], str] | None = None
) -> None:
    """`text` may be the beginning of one of `chars` characters, whose rest `whole` fetches."""
    length = max(chars or 0, len(text))
    if length <= SHOWN + TAIL:
        st.text(readable(text), width="stretch")
        return
    shows_all = st.session_state.get(key)
    if shows_all:
        all_of_it = whole() if whole and length > len(text) else text
        st.code(readable(all_of_it), language=None, wrap_lines=True, height=ROOM)
    else:
        st.text(readable(_ends(text, length)), width="stretch")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.toggle("Show all", key=key)
        st.caption(f"{fmt.count(length)} characters", width="content")


def _ends(text: str, length: int) -> str:
    if length > len(text):
        return f"{text[:SHOWN]} …"
    left_out = fmt.count(length - SHOWN - TAIL)
    return f"{text[:SHOWN]} …\n\n[{left_out} characters left out]\n\n… {text[-TAIL:]}"


def all_messages(messages: list[Message], *, key: str) -> None:
    for number, message in enumerate(messages):
        if message.role:
            st.caption(in_markdown(message.role, 40))
        if laid_out := _as_json(message.text):
            st.code(laid_out, language="json", wrap_lines=True)
        elif message.text or not message.extras:
            long_text(message.text, key=f"{key}-{number}")
        for place, extra in enumerate(message.extras):
            one_extra(extra, key=f"{key}-{number}-{place}")


def _as_json(text: str) -> str:
    """An answer that is a JSON object, with a line per entry; empty for every other text."""
    if len(text) > READ or not text.lstrip().startswith("{"):
        return ""
    laid_out = pretty(text)
    return readable(laid_out) if laid_out != text or "\n" in text else ""


def one_extra(extra: Extra, *, key: str) -> None:
    """Reasoning in a fold of its own; a tool's arguments and results as they are."""
    if extra.kind == "reasoning":
        with st.expander(f"Reasoning, {fmt.plural(len(extra.text), 'character')}", type="compact"):
            long_text(extra.text, key=key)
        return
    st.caption(f"{KINDS[extra.kind]} {in_markdown(extra.name, 60)}".strip())
    long_code(extra.text, key=key)


def long_code(text: str, *, key: str, language: str | None = None) -> None:
    """What a machine is to read or has printed: in letters of one width, in a field that scrolls where it is long."""
    if len(text) <= SHOWN:
        st.code(readable(text) or "–", language=language, wrap_lines=True)
        return
    shown = text if st.session_state.get(key) else text[:READ]
    st.code(readable(shown), language=language, wrap_lines=True, height=ROOM)
    if len(text) > READ:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.toggle("Show all", key=key)
            st.caption(f"{fmt.count(len(text))} characters", width="content")
