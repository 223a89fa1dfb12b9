"""Prompts and answers as messages to read, from the shapes in which spans carry them.

`gen_ai.*.messages` hold parts, `input.value` of OpenAI's shape holds a string or typed parts, Anthropic's content
blocks are such parts, too. Anything else is shown as it came.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

LONGEST = 200_000

Kind = Literal["reasoning", "call", "result", "other"]


@dataclass(frozen=True, slots=True)
class Extra:
    """What a message holds beside its text: reasoning, a tool call, a tool's result, or what nobody here knows."""

    kind: Kind
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    text: str
    extras: tuple[Extra, ...] = ()


def messages(*candidates: str | None, longest: int | None = LONGEST) -> list[Message]:
    """The first candidate that has content, as messages; a text that is no message list is one without a role.
    Texts are cut at `longest` characters, and say so."""
    for text in candidates:
        if text:
            return [_cut(message, longest) for message in _parsed(text) or [Message("", text)]]
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
    except (ValueError, RecursionError):
        return None
    if isinstance(entries, dict) and entries.keys() & {"content", "parts", "tool_calls"}:
        entries = [entries]
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and "role" in entry for entry in entries
    ):
        return None
    return [_message(entry) for entry in entries]


def _message(entry: dict[str, Any]) -> Message:
    body = entry.get("parts", entry.get("content"))
    role = str(entry["role"])
    pieces = list(_pieces(body, role))
    texts = [piece for piece in pieces if isinstance(piece, str)]
    extras = [piece for piece in pieces if isinstance(piece, Extra)]
    return Message(role, "\n\n".join(texts), (*_beside(entry), *extras))


def _pieces(body: object, role: str) -> Iterator[str | Extra]:
    """Plain text as text; the rest as what it is."""
    if isinstance(body, str):
        yield Extra("result", body) if role == "tool" else body
        return
    for part in body if isinstance(body, list) else ():
        yield _part(part)


def _part(part: object) -> str | Extra:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return Extra("other", _written(part))
    match part.get("type"):
        case "tool_call" | "tool_use" | "function":
            arguments = part.get("arguments", part.get("input"))
            return Extra("call", _written(arguments), str(part.get("name") or "tool"))
        case "tool_call_response" | "tool_result":
            answer = part.get("response", part.get("result", part.get("content")))
            return Extra("result", _written(answer), str(part.get("name") or ""))
        case "reasoning" | "thinking":
            return Extra(
                "reasoning", _written(part.get("content") or part.get("thinking") or part.get("text"))
            )
        case _:
            text = part.get("content") or part.get("text")
            return text if isinstance(text, str) else Extra("other", _written(part))


def _beside(entry: dict[str, Any]) -> Iterator[Extra]:
    """What OpenAI's messages carry next to their content."""
    if isinstance(reasoning := entry.get("reasoning_content"), str) and reasoning:
        yield Extra("reasoning", reasoning)
    calls: object = entry.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            yield Extra("call", _written(function.get("arguments")), str(function.get("name") or "tool"))
        else:
            yield Extra("call", _written(call), "tool")
    known = {"role", "parts", "content", "finish_reason", "reasoning_content", "tool_calls", "tool_call_id"}
    rest = {key: value for key, value in entry.items() if key not in known and value}
    if rest.keys() - {"name", "id", "provider_specific_fields", "annotations"}:
        yield Extra("other", _written(rest))


def _written(value: object) -> str:
    """A text as it is, JSON inside a text laid out, anything else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return pretty(value) if value[:1] in ("{", "[") else value
    return json.dumps(value, indent=2, ensure_ascii=False)


def _cut(message: Message, longest: int | None) -> Message:
    extras = tuple(Extra(extra.kind, cut(extra.text, longest), extra.name) for extra in message.extras)
    return Message(message.role, cut(message.text, longest), extras)


def cut(text: str, longest: int | None) -> str:
    if longest is None or len(text) <= longest:
        return text
    return f"{text[:longest]}\n… cut here: {len(text):,} characters in all"


def only_new(shown: Iterable[Message], before: list[Message]) -> tuple[list[Message], int]:
    """The messages that a call was given beyond those of the call before it, and how many are left out as known."""
    given = list(shown)
    known = 0
    for one, other in zip(given, before, strict=False):
        if one != other:
            break
        known += 1
    # A call that was given the very same again is shown whole: nothing of it is new, and it must not look empty.
    return (given, 0) if known == len(given) else (given[known:], known)
