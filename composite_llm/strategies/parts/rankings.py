"""Reading a reviewer's ranking, and putting several rankings together. Pure functions."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from string import ascii_uppercase
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Ranking:
    """Labels, best first, without doubles; labels the reviewer left out are missing here too."""

    labels: tuple[str, ...]
    found_in: Literal["json", "text", "none"]


def label(position: int) -> str:
    """A, B … Z, AA, AB …: as many as there are answers."""
    letters = ""
    while position >= 0:
        letters = ascii_uppercase[position % 26] + letters
        position = position // 26 - 1
    return letters


def ranking_schema(labels: Sequence[str]) -> dict[str, Any]:
    """A `response_format` that asks for every label once."""
    ranking = {
        "type": "array",
        "items": {"type": "string", "enum": list(labels)},
        "minItems": len(labels),
        "maxItems": len(labels),
        "uniqueItems": True,
        "description": "labels of the answers, best first",
    }
    schema = {
        "type": "object",
        "properties": {"assessment": {"type": "string"}, "ranking": ranking},
        "required": ["assessment", "ranking"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "ranking", "schema": schema}}


def read_ranking(text: str, labels: Sequence[str]) -> Ranking:
    """The ranking in a review: its JSON, else the labels after the word `ranking`, else none."""
    if found := _known(_from_json(text), labels):
        return Ranking(found, "json")
    if found := _known(_from_text(text), labels):
        return Ranking(found, "text")
    return Ranking((), "none")


def mean_ranks(ballots: Sequence[tuple[Sequence[int], Sequence[int]]]) -> dict[int, float]:
    """Mean rank (1 is best) of each member, best first. A ballot is its ranking and the members it was about.

    Members a ranking leaves out share its last places, so an unfinished ranking neither
    helps nor hurts one of them more than another. A member it was not about has no place in it.
    """
    ranks: dict[int, list[float]] = {}
    for ranking, members in ballots:
        missing = [member for member in members if member not in ranking]
        shared = len(ranking) + (len(missing) + 1) / 2
        for member in members:
            ranks.setdefault(member, []).append(shared if member in missing else ranking.index(member) + 1)
    means = {member: fmean(given) for member, given in ranks.items()}
    return dict(sorted(means.items(), key=lambda item: (item[1], item[0])))


def _known(candidates: Sequence[str], labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(candidate for candidate in candidates if candidate in labels))


def _from_json(text: str) -> list[str]:
    match = re.search(r"\{.*\}", text, re.DOTALL)
    try:
        found = json.loads(match[0]) if match else None
    except json.JSONDecodeError:
        return []
    ranking = found.get("ranking") if isinstance(found, dict) else None
    return [str(entry).strip().upper() for entry in ranking] if isinstance(ranking, list) else []


def _from_text(text: str) -> list[str]:
    """Labels in a numbered or comma-separated list; prose such as `A good answer` names none."""
    tail = re.split(r"ranking\s*:", text, flags=re.IGNORECASE)[-1]
    numbered = re.findall(
        r"^\s*\d+[.)]\s*\W*(?:(?:response|answer)\s+)?([A-Z]{1,2})\b", tail, re.MULTILINE | re.IGNORECASE
    )
    if numbered:
        return [entry.upper() for entry in numbered]
    listed = re.match(r"\s*((?:[A-Z]{1,2}\s*[,>]\s*)+[A-Z]{1,2})\b", tail)
    return re.findall(r"[A-Z]{1,2}", listed[1]) if listed else []
