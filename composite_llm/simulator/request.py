"""A chat request, read and checked once at the door; everything behind it works on typed fields."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from composite_llm.simulator.directive import Directive, parse_directive
from composite_llm.simulator.fields import as_array, as_object, as_text, bad_request, optional_integer
from composite_llm.simulator.usage import count_tokens

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
MOST_CHOICES = 128


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    content: str
    """The text; parts that are not text count for nothing."""


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    model: str
    messages: tuple[Message, ...]
    body: Mapping[str, Any]
    """The whole request as it came."""
    fingerprint: str
    """Equal for identical requests."""
    stream: bool
    include_usage: bool
    n: int
    max_tokens: int | None
    stop: tuple[str, ...]
    tools: tuple[Tool, ...]
    tool_choice: str
    """`auto`, `none`, `required`, or the name of a function in angle brackets."""
    json_schema: Mapping[str, Any] | None
    json_object: bool
    directive: Directive

    @property
    def key(self) -> tuple[object, ...]:
        """What an answer depends on, beside the simulator's own seed."""
        return (self.model, self.body["messages"], self.body.get("seed"))

    @property
    def has_adjacent_user_turns(self) -> bool:
        return any(one.role == other.role == "user" for one, other in pairwise(self.messages))

    @property
    def prompt_tokens(self) -> int:
        return sum(count_tokens(message.content) for message in self.messages)


def parse_request(raw: bytes) -> ChatRequest:
    try:
        body = as_object(json.loads(raw), "body")
    except (ValueError, RecursionError) as error:
        raise bad_request(f"The request body is not valid JSON: {error}.") from error
    model = as_text(body.get("model"), "model")
    if not model:
        raise bad_request("'model' must name a model.", "model")
    tools = tuple(_tool(tool) for tool in as_array(body.get("tools") or [], "tools"))
    schema, json_object = _response_format(body.get("response_format"))
    most = optional_integer(body, "max_completion_tokens", 1) or optional_integer(body, "max_tokens", 1)
    optional_integer(body, "seed", -(2**63))
    stream = body.get("stream") or False
    if not isinstance(stream, bool):
        raise bad_request("'stream' must be true or false.", "stream")
    return ChatRequest(
        model=model,
        messages=_messages(body),
        body=MappingProxyType(body),
        fingerprint=sha256(json.dumps(body, sort_keys=True).encode()).hexdigest(),
        stream=stream,
        include_usage=bool(
            as_object(body.get("stream_options") or {}, "stream_options").get("include_usage")
        ),
        n=_choices(body),
        max_tokens=most,
        stop=_stop(body.get("stop")),
        tools=tools,
        tool_choice=_tool_choice(body.get("tool_choice"), tools),
        json_schema=schema,
        json_object=json_object,
        directive=parse_directive(body.get("simulator")),
    )


def _choices(body: Mapping[str, Any]) -> int:
    n = optional_integer(body, "n", 1) or 1
    if n > MOST_CHOICES:
        raise bad_request(f"'n' must be at most {MOST_CHOICES}.", "n")
    return n


def _messages(body: Mapping[str, Any]) -> tuple[Message, ...]:
    if body.get("messages") is None:
        raise bad_request("'messages' is missing: a chat request needs a list of messages.", "messages")
    messages = as_array(body["messages"], "messages")
    if not messages:
        raise bad_request("'messages' must hold at least one message.", "messages")
    return tuple(_message(message, f"messages[{i}]") for i, message in enumerate(messages))


def _message(value: object, name: str) -> Message:
    fields = as_object(value, name)
    role = fields.get("role")
    if role not in ROLES:
        raise bad_request(f"'{name}.role' must be one of {', '.join(ROLES)}, not {role!r}.", name)
    content = fields.get("content")
    if content is None and role != "assistant":
        raise bad_request(f"'{name}.content' is missing.", name)
    return Message(role, _text(content, f"{name}.content"))


def _text(content: object, name: str) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    parts = [as_object(part, name) for part in as_array(content, name)]
    return "".join(as_text(part.get("text"), name) for part in parts if part.get("type") == "text")


def _stop(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    words = [value] if isinstance(value, str) else as_array(value, "stop")
    return tuple(as_text(word, "stop") for word in words if word)


def _tool(value: object) -> Tool:
    function = as_object(as_object(value, "tools").get("function"), "tools.function")
    name = as_text(function.get("name"), "tools.function.name")
    return Tool(name, as_object(function.get("parameters") or {}, "tools.function.parameters"))


def _tool_choice(value: object, tools: tuple[Tool, ...]) -> str:
    if value is None:
        return "auto"
    if isinstance(value, str):
        if value not in ("auto", "none", "required"):
            raise bad_request(f"'tool_choice' must be auto, none, required or a function, not {value!r}.")
        return value
    function = as_object(as_object(value, "tool_choice").get("function"), "tool_choice.function")
    name = as_text(function.get("name"), "tool_choice.function.name")
    if name not in {tool.name for tool in tools}:
        raise bad_request(f"'tool_choice' names the function '{name}', which 'tools' lacks.", "tool_choice")
    return f"<{name}>"


def _response_format(value: object) -> tuple[Mapping[str, Any] | None, bool]:
    if value is None:
        return None, False
    fields = as_object(value, "response_format")
    match fields.get("type"):
        case "json_schema":
            described = as_object(fields.get("json_schema"), "response_format.json_schema")
            return as_object(described.get("schema"), "response_format.json_schema.schema"), False
        case "json_object":
            return None, True
        case "text":
            return None, False
        case other:
            raise bad_request(f"Unknown response_format type {other!r}.", "response_format")
