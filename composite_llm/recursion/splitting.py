"""A conversation as a short question and the long rest, which the root model never gets to read as a whole.

The user's last message is the question. What came before it, results of tools, files, and whatever of that message is
too long to show is the context. Of a message that is nothing but one long text both ends are shown: a question stands
at the beginning or at the end of a document, and nobody can tell which.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from composite_llm.content import Message, clipped
from composite_llm.encodable import encodable
from composite_llm.tools.calls import is_result, tool_calls

MOST_QUESTION = 8_000
"""Characters of a question that is shown whole, and of the client's instructions."""
_SHOWN_OF_LONGER = 3_000


@dataclass(frozen=True, slots=True)
class Task:
    question: str
    context: str
    instructions: str = ""
    """What the client tells in its system message."""
    unread: tuple[str, ...] = ()
    """Kinds of parts that are no text, such as images: nobody reads them here."""


def task_of(messages: Sequence[Message], *, whole: bool = False) -> Task:
    """`whole`: the question is part of the context, too."""
    last = max((place for place, each in enumerate(messages) if each.get("role") == "user"), default=-1)
    told = [text_of(each) for each in messages if _instructs(each)]
    instructions = "\n\n".join(text for text in told if len(text) <= MOST_QUESTION)
    question, long_parts = _question(messages[last]) if last >= 0 else ("", [])
    pieces = [
        (_heading(message, messages), text_of(message))
        for place, message in enumerate(messages)
        if (whole or place != last) and not (_instructs(message) and len(text_of(message)) <= MOST_QUESTION)
    ]
    pieces += [("part of the question", text) for text in long_parts if not whole]
    kinds = dict.fromkeys(kind for message in messages for kind in _unread(message))
    return Task(question, _joined(pieces), instructions, tuple(kinds))


def task_about(text: str) -> Task:
    """Of a recursive call that is given one text: all of it is context, and as much as can be shown the question."""
    text = encodable(text)
    return Task(_shown(text), text)


def text_of(message: Message) -> str:
    """The words of a message, with those of its text files and of the calls in it."""
    content: Any = encodable(message.get("content"))
    parts = content if isinstance(content, list) else [content] if content else []
    words = [_part_text(part) for part in parts]
    words += [f"[called {call.name} with {encodable(call.arguments)}]" for call in tool_calls(message)]
    return "\n".join(word for word in words if word)


def _question(message: Message) -> tuple[str, list[str]]:
    """What is shown of the last message; and what of it is context: its files, and all that is too long to show."""
    content: Any = encodable(message.get("content"))
    parts: list[Any] = content if isinstance(content, list) else [content or ""]
    files = [text for part in parts if (text := _file_text(part))]
    words = [_part_text(part) for part in parts if not _file_text(part)]
    whole = "\n".join(word for word in words if word)
    if len(whole) <= MOST_QUESTION:
        return whole, files
    short = "\n".join(word for word in words if word and len(word) <= MOST_QUESTION // 2)
    if short and len(short) <= MOST_QUESTION:
        return short, [*(word for word in words if len(word) > MOST_QUESTION // 2), *files]
    return _shown(whole), [whole, *files]


def _shown(text: str) -> str:
    if len(text) <= MOST_QUESTION:
        return text
    return f"{clipped(text, _SHOWN_OF_LONGER)}\n\n(This is the beginning and the end; all of it is in the context.)"


def _joined(pieces: Sequence[tuple[str, str]]) -> str:
    """One piece as it is, several under headings."""
    held = [(heading, text) for heading, text in pieces if text]
    if len(held) == 1:
        return held[0][1]
    return "\n\n".join(
        f"=== {number}. {heading} ===\n{text}" for number, (heading, text) in enumerate(held, 1)
    )


def _heading(message: Message, messages: Sequence[Message]) -> str:
    if not is_result(message):
        return f"{message.get('role')} message"
    names = {call.id: call.name for each in messages for call in tool_calls(each)}
    name = message.get("name") or names.get(str(message.get("tool_call_id")))
    return f"result of {name}" if name else "result of a tool"


def _instructs(message: Message) -> bool:
    return message.get("role") in ("system", "developer")


def _part_text(part: Any) -> str:
    if not isinstance(part, Mapping):
        return str(part)
    if isinstance(part.get("text"), str):
        return part["text"]
    return _file_text(part) or f"[{part.get('type', 'unknown')}: no text, and not shown here]"


def _unread(message: Message) -> list[str]:
    content: Any = message.get("content")
    parts = content if isinstance(content, list) else []
    return [
        str(part.get("type", "unknown"))
        for part in parts
        if isinstance(part, Mapping) and not isinstance(part.get("text"), str) and not _file_text(part)
    ]


def _file_text(part: Any) -> str:
    """Of a file that came along as a text; empty for whatever else."""
    file: Any = (part.get("file") or {}) if isinstance(part, Mapping) else {}
    data = str(file.get("file_data") or "") if isinstance(file, Mapping) else ""
    kind, _, encoded = data.partition(";base64,")
    if not encoded or not kind.startswith(("data:text/", "data:application/json")):
        return ""
    try:
        text = base64.b64decode(encoded).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError):
        return ""
    return f"[file {file.get('filename') or 'without a name'}]\n{text}"
