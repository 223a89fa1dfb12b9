"""What can be found wrong with an answer without asking anybody. Pure functions.

A refusal is told by how answers of models that refuse begin, in four languages: one that refuses in other words
passes, so this saves money and is no judge of anything.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import regex

from composite_llm.engine.transport import Answer
from composite_llm.json_schema import UnusableSchema, misfit
from composite_llm.tools.box import names_of
from composite_llm.tools.calls import ToolCall, tool_calls

SECONDS_FOR_A_PATTERN = 0.2
REFUSES_WITHIN = 300
"""Characters from an answer's beginning."""

_FENCED = re.compile(r"\A```(?:json)?\s*\n(.*)\n```\Z", re.DOTALL)
_TO_DO = (
    r"(?:help|assist|provide|comply|fulfil|fulfill|answer|do that|do this|discuss|share|create|write|generate|"
    r"continue|engage|support|access|browse|see|view|open)"
)
_CANNOT = r"(?:can(?:no|['’])?t|can not|will not|won['’]t|(?:am|['’]m) (?:unable|not able))"
_REFUSAL = re.compile(
    rf"\b(?:sorry|afraid|apologi[sz]e|unfortunately)\b[^.!?\n]{{0,60}}\bI ?{_CANNOT}\b"
    rf"|\bsorry,? (?:but )?{_CANNOT} {_TO_DO}\b"
    rf"|\bI ?{_CANNOT} (?:to )?(?:\w+ )?{_TO_DO}\b"
    r"|\bas an AI(?: language)? (?:model|assistant)\b"
    r"|\b(?:tut mir leid|leider kann ich|ich kann (?:dir|Ihnen|das|dabei|damit)\b[^.!?\n]{0,40}\bnicht)\b"
    r"|\bje (?:suis désolée?|ne peux pas|ne suis pas en mesure)\b"
    r"|\b(?:lo siento|no puedo (?:ayudar|responder|proporcionar))\b",
    re.IGNORECASE,
)


def refuses(answer: Answer) -> bool:
    """Its provider says so, or it begins as refusals do."""
    if answer.message.get("refusal") or answer.finish_reason == "content_filter":
        return True
    return _REFUSAL.search(answer.text[:REFUSES_WITHIN]) is not None


def calls_what_there_is(answer: Answer, tools: Sequence[Mapping[str, Any]]) -> bool:
    """Each tool it calls was offered, with arguments that are a JSON object and fit the tool's schema."""
    schemas = dict(_schemas(tools))
    return all(_is_valid(call, schemas) for call in tool_calls(answer.message))


def is_json_of(text: str, schema: Mapping[str, Any]) -> bool:
    """With nothing around it but a code fence. True where the schema cannot be applied: no answer's fault."""
    fenced = _FENCED.match(text.strip())
    try:
        value = json.loads(fenced[1] if fenced else text)
    except (ValueError, RecursionError):
        return False
    return _fits(value, schema)


def matches(text: str, pattern: str) -> bool:
    """False for a pattern that takes too long, which so accepts nothing."""
    try:
        return regex.search(pattern, text, timeout=SECONDS_FOR_A_PATTERN) is not None
    except TimeoutError:
        return False


def _is_valid(call: ToolCall, schemas: Mapping[str, Mapping[str, Any]]) -> bool:
    try:
        arguments = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return False
    return call.name in schemas and isinstance(arguments, dict) and _fits(arguments, schemas[call.name])


def _schemas(tools: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in names_of(tools):
        [found, *_] = [tool["function"] for tool in tools if name in names_of([tool])]
        yield name, found.get("parameters") or {}


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    try:
        return misfit(value, schema) is None
    except UnusableSchema:
        return True
