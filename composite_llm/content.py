"""Prompts and answers as span attributes: OpenTelemetry's message shape, and OpenAI's beside it.

Whatever a client sends is taken as it comes: content that has no known shape is written
out rather than refused, since recording a request must never be why it fails.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from composite_llm.json_text import json_text

Message = Mapping[str, Any]
"""One chat message in OpenAI's shape: `role`, `content` (a string or a list of parts), `tool_calls` …"""

LIMIT = 32 * 1024
"""Characters of text one attribute holds, roughly; longer texts lose their middle, the JSON stays whole."""

MOST_MESSAGES = 128
"""Of a longer conversation the first and the last are kept."""

LONGEST_WORD = 256
"""Texts are cut between words, unless there is none for so many characters."""
_LAST_GAP = re.compile(r"\s(?=\S*\Z)")
_FIRST_GAP = re.compile(r"\s")


def is_cut(messages: Sequence[Message]) -> bool:
    """Whether the attributes leave out part of this conversation."""
    return len(messages) > MOST_MESSAGES or _length(messages) > LIMIT


def without_files(message: Message) -> dict[str, Any]:
    """The message with no more of its images and files than is ever written of them: of what kind they are."""
    kept = dict(message)
    if isinstance(kept.get("content"), list):
        kept["content"] = [_part_without_file(part) for part in kept["content"]]
    return kept


def openai_messages(messages: Sequence[Message]) -> str:
    """The conversation as JSON in OpenAI's shape."""
    kept, room = _kept(messages), _room_for_each(messages)
    return json_text([_clipped_message(message, room) for message in kept])


def input_messages(messages: Sequence[Message]) -> str:
    """The conversation in the shape of `gen_ai.input.messages`."""
    kept, room = _kept(messages), _room_for_each(messages)
    return json_text([{"role": message.get("role", ""), "parts": _parts(message, room)} for message in kept])


def output_messages(answers: Sequence[tuple[Message, str]]) -> str:
    """Answers and why each ended, in the shape of `gen_ai.output.messages`."""
    room = LIMIT // max(1, len(answers))
    return json_text(
        [
            {
                "role": message.get("role") or "assistant",
                "parts": _parts(message, room),
                "finish_reason": reason,
            }
            for message, reason in answers
        ]
    )


def output_value(message: Message) -> tuple[str, str]:
    """The answer as people read it, and its MIME type: text, or JSON where it calls tools."""
    if message.get("tool_calls"):
        return json_text(_clipped_message(message, LIMIT)), "application/json"
    return clipped(text_of(message), LIMIT), "text/plain"


def last_question(messages: Sequence[Message]) -> str:
    """The text of the user's last message."""
    asked = (message for message in reversed(messages) if message.get("role") == "user")
    return next((text_of(message) for message in asked), "")


def clipped(text: str, room: int) -> str:
    """`text`, or its head and tail when it is longer than `room` characters."""
    if len(text) <= room:
        return text
    head, tail = _ending_whole(text[: room // 2]), _beginning_whole(text[-(room // 2) :])
    return f"{head}\n… [{len(text) - len(head) - len(tail)} characters left out] …\n{tail}"


def _ending_whole(text: str) -> str:
    """Without the word at its end, which may be half of a key that nobody would know as one any more."""
    gap = _LAST_GAP.search(text, max(0, len(text) - LONGEST_WORD))
    return text[: gap.end()] if gap else text


def _beginning_whole(text: str) -> str:
    gap = _FIRST_GAP.search(text, 0, LONGEST_WORD)
    return text[gap.start() :] if gap else text


def _kept(messages: Sequence[Message]) -> Sequence[Message]:
    if len(messages) <= MOST_MESSAGES:
        return messages
    first, last = MOST_MESSAGES // 4, MOST_MESSAGES - MOST_MESSAGES // 4
    left_out = f"… [{len(messages) - MOST_MESSAGES} messages left out] …"
    return [*messages[:first], {"role": "system", "content": left_out}, *messages[-last:]]


def _room_for_each(messages: Sequence[Message]) -> int:
    return LIMIT if _length(messages) <= LIMIT else LIMIT // min(len(messages), MOST_MESSAGES)


def _length(messages: Sequence[Message]) -> int:
    return sum(len(text_of(message)) + len(_arguments(message)) for message in messages)


def _arguments(message: Message) -> str:
    return "".join(call["arguments"] for call in _tool_calls(message))


def _clipped_message(message: Message, room: int) -> dict[str, Any]:
    clipped_message = {**message, "content": _clipped_content(message.get("content"), room)}
    if message.get("tool_calls"):
        clipped_message["tool_calls"] = [
            {
                "id": call["id"],
                "type": "function",
                "function": {**call, "arguments": clipped(call["arguments"], room)},
            }
            for call in _tool_calls(message)
        ]
    return clipped_message


def _clipped_content(content: Any, room: int) -> Any:
    if isinstance(content, str):
        return clipped(content, room)
    if isinstance(content, list):
        return [_clipped_part(part, room) for part in content]
    return content


def _clipped_part(part: Any, room: int) -> Any:
    kept = _part_without_file(part)
    if isinstance(kept, str):
        return clipped(kept, room)
    return {**kept, "text": clipped(kept["text"], room)} if "text" in kept else kept


def _part_without_file(part: Any) -> Any:
    """Text stays; of an image or file only its kind is kept."""
    if not isinstance(part, Mapping):
        return str(part)
    return part if isinstance(part.get("text"), str) else {"type": part.get("type", "unknown")}


def _parts(message: Message, room: int) -> list[dict[str, Any]]:
    if message.get("role") == "tool":
        response = clipped(text_of(message), room)
        return [{"type": "tool_call_response", "id": message.get("tool_call_id"), "response": response}]
    parts: list[dict[str, Any]] = []
    if reasoning := message.get("reasoning_content"):
        parts.append({"type": "reasoning", "content": clipped(str(reasoning), room)})
    if text := text_of(message):
        parts.append({"type": "text", "content": clipped(text, room)})
    for call in _tool_calls(message):
        parts.append({"type": "tool_call", **call, "arguments": clipped(call["arguments"], room)})
    return parts


def _tool_calls(message: Message) -> list[dict[str, Any]]:
    """`id`, `name` and `arguments` (JSON text) of each call."""
    calls: list[dict[str, Any]] = []
    for call in message.get("tool_calls") or ():
        function = call.get("function") or {}
        arguments = str(function.get("arguments") or "")
        calls.append({"id": call.get("id"), "name": function.get("name"), "arguments": arguments})
    return calls


def text_of(message: Message) -> str:
    """What can be read of it; of images and files, which kind they are."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(map(_part_text, content))
    return str(content or "")


def _part_text(part: Any) -> str:
    if not isinstance(part, Mapping):
        return str(part)
    return str(part.get("text", f"[{part.get('type')}]"))
