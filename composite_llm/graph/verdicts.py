"""Reading what judges, critics and voters say, and counting answers that are the same."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*")
_EDGES = ".,;:!?\"'`*_()[] "

SCORE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "score": {"type": "number", "minimum": 0, "maximum": 10},
        "feedback": {"type": "string"},
    },
    "required": ["score", "feedback"],
    "additionalProperties": False,
}
CRITIQUE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"satisfied": {"type": "boolean"}, "feedback": {"type": "string"}},
    "required": ["satisfied", "feedback"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    feedback: str
    score: float | None = None
    """0 to 10; None where none could be read."""
    satisfied: bool = False


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
        satisfied=found.get("satisfied") is True,
    )


def same_by(text: str, by: str) -> str | None:
    """What must be equal in two answers for them to be the same. None where there is nothing to compare."""
    if by == "number":
        numbers = _NUMBER.findall(text)
        return _as_number(numbers[-1]) if numbers else None
    lines = [line for line in text.splitlines() if line.strip()]
    compared = lines[-1] if by == "last_line" and lines else text
    return " ".join(compared.casefold().split()).strip(_EDGES) or None


@dataclass(frozen=True, slots=True)
class Count:
    winner: int
    """Position of the first answer of those that most are the same as."""
    agreement: float
    """Its share of all answers."""


def count(texts: Sequence[str], by: str) -> Count:
    """A tie goes to the answer that was asked for first."""
    compared = [same_by(text, by) for text in texts]
    votes = [compared.count(each) if each is not None else 0 for each in compared]
    winner = votes.index(max(votes))
    return Count(winner, votes[winner] / len(texts))


def _object_in(text: str) -> dict[str, Any] | None:
    match = _OBJECT.search(text)
    try:
        found = json.loads(match[0]) if match else None
    except (json.JSONDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _as_number(written: str) -> str:
    """`1,234.50` and `1234.5` are the same number."""
    plain = written.replace(",", "")
    try:
        return repr(float(plain))
    except ValueError:  # such as 1.2.3
        return plain
