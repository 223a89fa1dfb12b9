"""What the user asked last, from the input a request span carries.

The input is a list of chat messages as JSON, a body with such a list in it, the arguments of a function, or
plain text.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

LONGEST_QUESTION = 300


def last_question(input_value: str) -> str:
    body = _parsed(input_value)
    question = next(_user_texts(body), None) or _only_text(body) or input_value
    return question[:LONGEST_QUESTION]


def _parsed(input_value: str) -> Any:
    try:
        return json.loads(input_value)
    # A prompt may be plain text, and hostile text may nest deeper than the parser can.
    except (ValueError, RecursionError):
        return None


def _user_texts(body: Any) -> Iterator[str]:
    """Texts of the user's messages, the last one first."""
    messages = body.get("messages") if isinstance(body, Mapping) else body
    if not isinstance(messages, list):
        return
    for message in reversed(messages):
        if (
            isinstance(message, Mapping)
            and message.get("role") == "user"
            and (text := _text(message.get("content") or message.get("parts")))
        ):
            yield text


def _text(message_content: Any) -> str:
    """Content is text, or a list of parts of which the textual ones count. OpenTelemetry's have `content`."""
    if isinstance(message_content, str):
        return message_content
    if not isinstance(message_content, Sequence):
        return ""
    parts = (part.get("text") or part.get("content") for part in message_content if isinstance(part, Mapping))
    return " ".join(part for part in parts if isinstance(part, str))


def _only_text(body: Any) -> str | None:
    """The text of a body that holds one text and nothing else, as the arguments of a traced function do."""
    if not isinstance(body, (str, Mapping)):
        return None
    found: list[str] = []
    waiting: list[Any] = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, Sequence):
            waiting.extend(value)
        elif value is not None:
            return None
    return found[0] if len(found) == 1 and found[0] else None
