"""What the user asked last, from the input a request span carries.

The input is a list of chat messages as JSON, a body with such a list in it, or plain text.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

LONGEST_QUESTION = 300


def last_question(input_value: str) -> str:
    question = next(_user_texts(_parsed(input_value)), input_value)
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
            and (text := _text(message.get("content")))
        ):
            yield text


def _text(message_content: Any) -> str:
    """Content is text, or a list of parts of which the textual ones count."""
    if isinstance(message_content, str):
        return message_content
    if not isinstance(message_content, Sequence):
        return ""
    parts = (part.get("text") for part in message_content if isinstance(part, Mapping))
    return " ".join(part for part in parts if isinstance(part, str))
