"""Prompts and answers as span attributes: OpenTelemetry's message shape, and OpenAI's beside it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Message = Mapping[str, Any]
"""One chat message in OpenAI's shape: `role`, `content` (a string or a list of parts), `tool_calls` …"""

LIMIT = 32 * 1024
"""Characters one attribute may hold; longer texts lose their middle, the JSON stays whole."""


def openai_messages(messages: Sequence[Message]) -> tuple[str, bool]:
    """The conversation as JSON, and whether texts in it were cut."""
    room = _room_for_each(messages)
    cut = [{**message, "content": _clipped_content(message.get("content"), room)} for message in messages]
    return _json(cut), any(len(_text(message)) > room for message in messages)


def input_messages(messages: Sequence[Message]) -> str:
    """The conversation in the shape of `gen_ai.input.messages`."""
    room = _room_for_each(messages)
    return _json([{"role": message.get("role", ""), "parts": _parts(message, room)} for message in messages])


def output_messages(message: Message, finish_reason: str) -> str:
    """The answer in the shape of `gen_ai.output.messages`."""
    role = message.get("role") or "assistant"
    return _json([{"role": role, "parts": _parts(message, LIMIT), "finish_reason": finish_reason}])


def output_value(message: Message) -> tuple[str, str]:
    """The answer as people read it, and its MIME type: text, or JSON where it calls tools."""
    if message.get("tool_calls"):
        return _json(dict(message)), "application/json"
    return clipped(_text(message), LIMIT), "text/plain"


def clipped(text: str, room: int) -> str:
    """`text`, or its head and tail when it is longer than `room` characters."""
    if len(text) <= room:
        return text
    kept = room // 2
    return f"{text[:kept]}\n… [{len(text) - 2 * kept} characters left out] …\n{text[-kept:]}"


def _room_for_each(messages: Sequence[Message]) -> int:
    total = sum(len(_text(message)) for message in messages)
    return LIMIT if total <= LIMIT else max(256, LIMIT // len(messages))


def _clipped_content(content: Any, room: int) -> Any:
    if isinstance(content, str):
        return clipped(content, room)
    if isinstance(content, list):
        return [_clipped_part(part, room) for part in content]  # pyright: ignore[reportUnknownVariableType]
    return content


def _clipped_part(part: Any, room: int) -> Any:
    """Text parts are clipped; of an image or file only its kind is kept."""
    if not isinstance(part, Mapping):
        return part
    if isinstance(part.get("text"), str):
        return {**part, "text": clipped(part["text"], room)}
    return {"type": part.get("type", "unknown")}


def _parts(message: Message, room: int) -> list[dict[str, Any]]:
    if message.get("role") == "tool":
        response = clipped(_text(message), room)
        return [{"type": "tool_call_response", "id": message.get("tool_call_id"), "response": response}]
    parts: list[dict[str, Any]] = []
    if message.get("reasoning_content"):
        parts.append({"type": "reasoning", "content": clipped(message["reasoning_content"], room)})
    if text := _text(message):
        parts.append({"type": "text", "content": clipped(text, room)})
    for call in message.get("tool_calls") or ():
        function = call["function"]
        parts.append(
            {
                "type": "tool_call",
                "id": call["id"],
                "name": function["name"],
                "arguments": function["arguments"],
            }
        )
    return parts


def _text(message: Message) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", f"[{part.get('type')}]")) for part in content)
    return content or ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
