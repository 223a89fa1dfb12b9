"""Reading what judges say."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)

SCORE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "score": {"type": "number", "minimum": 0, "maximum": 10},
        "feedback": {"type": "string"},
    },
    "required": ["score", "feedback"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    feedback: str
    score: float | None = None
    """0 to 10; None where none could be read."""


def response_format(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": name, "schema": dict(schema)}}}


def read_verdict(text: str) -> Verdict:
    """Of JSON what is there; of anything else the whole text as feedback, which is worth something too."""
    found = _object_in(text)
    if found is None:
        return Verdict(text.strip())
    score = found.get("score")
    in_range = isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 10
    return Verdict(
        feedback=str(found.get("feedback") or ""),
        score=float(score) if in_range else None,  # pyright: ignore[reportArgumentType]
    )


def _object_in(text: str) -> dict[str, Any] | None:
    match = _OBJECT.search(text)
    try:
        found = json.loads(match[0]) if match else None
    except (json.JSONDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
