"""An answer of the form the client asked for: held against it when the root model finishes, not when all is over."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from composite_llm.json_schema import UnusableSchema, misfit


def schema_of(response_format: Any) -> Mapping[str, Any] | None:
    """The JSON Schema an answer must fit, `{}` where any JSON will do; None where it may be any text."""
    if isinstance(response_format, type) and issubclass(response_format, BaseModel):
        return response_format.model_json_schema()
    if not isinstance(response_format, Mapping) or response_format.get("type") in (None, "text"):
        return None
    if response_format["type"] == "json_object":
        return {"type": "object"}
    return (response_format.get("json_schema") or {}).get("schema") or {}


def as_text(value: Any) -> str:
    """What code has put together, as a client reads it: texts as they are, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def complaint(text: str, schema: Mapping[str, Any] | None) -> str | None:
    """What is wrong with an answer, in words for the model; None where nothing is."""
    if not text.strip():
        return "the answer is empty"
    if schema is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"the answer must be JSON, and cannot be read as that: {error}"
    try:
        found = misfit(value, schema)
    except UnusableSchema:
        return None  # no reason to keep an answer back
    return f"the answer does not fit its schema at {found}" if found else None
