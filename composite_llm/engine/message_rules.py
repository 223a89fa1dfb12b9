"""What servers refuse in a conversation, and how it is put instead. Pure functions on messages."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import litellm

from composite_llm.content import Message
from composite_llm.request.route import Route

GO_ON = "Please go on from there."

Capability = Callable[[Route], bool]


def ending_on_a_question(messages: Sequence[Message]) -> Sequence[Message]:
    """With a turn of the user at the end where the assistant's was: newer models refuse to complete one."""
    if not messages or messages[-1].get("role") != "assistant":
        return messages
    return [*messages, {"role": "user", "content": GO_ON}]


def with_notice(messages: Sequence[Message], text: str) -> list[Message]:
    """`text` at the end of the user's last turn, where nothing that stands before it changes."""
    asked: Message = {"role": "user", "content": text}
    if messages and _both_user(messages[-1], asked):
        return [*messages[:-1], {**messages[-1], "content": _joined(messages[-1].get("content"), text)}]
    return [*messages, asked]


def in_language(messages: Sequence[Message], language: str) -> list[Message]:
    """Told, in the system message, which language or spelling the answer is to have."""
    text = f"Write your answer in {language}."
    if messages and messages[0].get("role") in {"system", "developer"}:
        return [{**messages[0], "content": _joined(messages[0].get("content"), text)}, *messages[1:]]
    return [{"role": "system", "content": text}, *messages]


def has_adjacent_user_turns(messages: Sequence[Message]) -> bool:
    return any(_both_user(one, other) for one, other in pairwise(messages))


def with_user_turns_merged(messages: Sequence[Message]) -> list[Message]:
    """Neighbouring user turns as one; the chat templates of some servers refuse two in a row."""
    merged: list[Message] = []
    for message in messages:
        if merged and _both_user(merged[-1], message):
            content = _joined(merged[-1].get("content"), message.get("content"))
            merged[-1] = {**merged[-1], "content": content}
        else:
            merged.append(message)
    return merged


def readable_by(way: Route, messages: Sequence[Message]) -> Sequence[Message]:
    """With a marker for each image, sound and file that LiteLLM's table says this model cannot read."""
    unread = {kind: name for kind, (name, can_read) in _FILES.items() if not can_read(way)}
    return [_with_markers(message, unread) for message in messages] if unread else messages


def _both_user(one: Message, other: Message) -> bool:
    return one.get("role") == other.get("role") == "user"


def _joined(one: Any, other: Any) -> Any:
    if isinstance(one, list) or isinstance(other, list):
        return [*_as_parts(one), *_as_parts(other)]
    return f"{one or ''}\n\n{other or ''}"


def _as_parts(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [{"type": "text", "text": str(content or "")}]


def _with_markers(message: Message, unread: Mapping[str, str]) -> Message:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_marker_or_part(part, unread) for part in content]}


def _marker_or_part(part: Any, unread: Mapping[str, str]) -> Any:
    kind = str(part.get("type")) if isinstance(part, Mapping) else ""
    if kind not in unread:
        return part
    return {"type": "text", "text": f"[{unread[kind]} was attached here, which you cannot see]"}


def _says(key: str) -> Capability:
    """Whether the table's entry says so; of a model that has none nobody knows, so it gets the file."""

    def can_read(way: Route) -> bool:
        entry = litellm.model_cost.get(f"{way.provider}/{way.model}") or litellm.model_cost.get(way.model)
        return entry is None or bool(entry.get(key))

    return can_read


_FILES: dict[str, tuple[str, Capability]] = {
    "image_url": ("An image", _says("supports_vision")),
    "input_audio": ("A recording", _says("supports_audio_input")),
    "file": ("A file", _says("supports_pdf_input")),
}
