"""Prompts and answers as messages to read, from the two shapes in which spans carry them.

`gen_ai.*.messages` hold parts, `input.value` of OpenAI's shape holds a string or typed parts. Anything else is shown
as it came.
"""

import json
from dataclasses import dataclass
from typing import Any

LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    text: str


def messages(*candidates: str | None) -> list[Message]:
    """The first candidate that has content, as messages; a text that is no message list is one without a role."""
    for text in candidates:
        if text:
            return [_cut(message) for message in _parsed(text) or [Message("", text)]]
    return []


def pretty(text: str | None) -> str:
    """JSON with a line per entry, keys in order; anything else unchanged."""
    try:
        return json.dumps(json.loads(text or ""), indent=2, sort_keys=True, ensure_ascii=False)
    except ValueError:
        return text or ""


def _parsed(text: str) -> list[Message] | None:
    try:
        entries = json.loads(text)
    except ValueError:
        return None
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and "role" in entry for entry in entries
    ):
        return None
    return [Message(str(entry["role"]), _body(entry)) for entry in entries]


def _body(entry: dict[str, Any]) -> str:
    content = entry.get("parts", entry.get("content"))
    if isinstance(content, str):
        return content
    known = {"role", "parts", "content", "finish_reason"}
    rest = {key: value for key, value in entry.items() if key not in known and value}
    parts = [_part(part) for part in content] if isinstance(content, list) else []
    return "\n\n".join([*parts, *([json.dumps(rest, indent=2, ensure_ascii=False)] if rest else [])])


def _part(part: object) -> str:
    if isinstance(part, dict):
        text = part.get("content") or part.get("text")
        if isinstance(text, str):
            return text
    return part if isinstance(part, str) else json.dumps(part, indent=2, ensure_ascii=False)


def _cut(message: Message) -> Message:
    if len(message.text) <= LONGEST:
        return message
    return Message(
        message.role, f"{message.text[:LONGEST]}\n… cut here: {len(message.text):,} characters in all"
    )
