"""Small sums over what runs say, where anything may be missing."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from collector.statistics.finding import Finding, as_whole


def mean(values: Iterable[float | None]) -> float | None:
    """Of those that are known."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def indices(finding: Finding, key: str) -> list[int]:
    """A list of indices written as JSON; what is none is left out, and so is what stands there twice."""
    told: Sequence[Any] = finding.json(key, list) or []
    return list(dict.fromkeys(index for each in told if (index := as_whole(each)) is not None))


def counts(finding: Finding, key: str) -> Mapping[str, int]:
    """An object of counts written as JSON; what is no count is left out."""
    told: Mapping[str, Any] = finding.json(key, dict) or {}
    return {name: count for name, each in told.items() if (count := as_whole(each)) is not None}


def last(findings: Sequence[Finding], key: str) -> Finding | None:
    """The last one that says something under this key."""
    return next((finding for finding in reversed(findings) if finding.has(key)), None)
