"""The tool calls in a message, and the messages that answer them, in OpenAI's shape."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from composite_llm.content import Message


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: str
    """JSON as the model wrote it, which may be broken."""

    def result(self, text: str) -> Message:
        return {"role": "tool", "tool_call_id": self.id, "content": text}


def tool_calls(message: Message) -> list[ToolCall]:
    """In the order in which the model made them; those of the old `function_call`, too, which has no id."""
    made = [(call.get("id"), call.get("function")) for call in message.get("tool_calls") or ()]
    if message.get("function_call"):
        made.append(("", message["function_call"]))
    return [_read(call_id, function or {}) for call_id, function in made]


def _read(call_id: Any, function: Any) -> ToolCall:
    arguments = function.get("arguments")
    # Some servers send the arguments as an object.
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)
    return ToolCall(str(call_id or ""), str(function.get("name") or ""), text)


def without_calls(message: Message, left_out: Sequence[ToolCall]) -> Message:
    """The message with only its other calls."""
    ids = {call.id for call in left_out}
    kept = [call for call in message.get("tool_calls") or () if call.get("id") not in ids]
    rest = {name: value for name, value in message.items() if name != "tool_calls"}
    return {**rest, "tool_calls": kept} if kept else rest


def with_arguments(message: Message, written: Mapping[str, str]) -> Message:
    """The message with these arguments in place of what the model wrote, by the ids of its calls."""
    if not written:
        return message
    calls = [
        {**call, "function": {**call["function"], "arguments": written[call["id"]]}}
        if call.get("id") in written
        else call
        for call in message.get("tool_calls") or ()
    ]
    return {**message, "tool_calls": calls}


def as_sent_back(message: Message) -> Message:
    """A model's own turn as its provider takes it: without LiteLLM's field for extras where it holds none."""
    extras = message.get("provider_specific_fields") or {}
    if any(value is not None for value in extras.values()):
        return message
    return {name: value for name, value in message.items() if name != "provider_specific_fields"}


def is_result(message: Message) -> bool:
    return message.get("role") in ("tool", "function")
