"""How long and how much is kept: the limits, as people write them, and what keeping to them took away."""

import re
from dataclasses import dataclass
from typing import Any, Self

from collector.errors import BadLimit

SECONDS = {"h": 3600, "d": 86_400, "w": 7 * 86_400}
BYTES = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
LONGEST_SECONDS = 200 * 365 * 86_400
"""Nanoseconds since 1970 in 64 bits reach no further back than a few centuries."""


@dataclass(frozen=True, slots=True)
class Limits:
    """None means no limit."""

    keep_seconds: float | None = None
    """A trace goes once its last span ended longer ago than this."""
    max_bytes: int | None = None
    """The traces that ended longest ago go until the store is smaller than this."""

    @classmethod
    def of(cls, keep: str, max_size: str) -> Self:
        """From texts such as `30d` and `5GB`; an empty one is no limit."""
        return cls(seconds_of(keep) if keep else None, bytes_of(max_size) if max_size else None)

    def __bool__(self) -> bool:
        return self.keep_seconds is not None or self.max_bytes is not None


@dataclass(frozen=True, slots=True)
class PrunedDay:
    day: str
    """Of the traces' last end, in UTC, as 2026-09-27."""
    traces: int
    spans: int
    bytes: int
    """Estimated: the spans' share of the store."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went, or, of a dry run, what would go."""

    dry_run: bool
    at_ns: int
    traces: int
    spans: int
    bytes: int
    """Estimated: the spans' share of the store. What the file really lost is the difference of the next two."""
    store_bytes_before: int
    store_bytes_after: int
    """Of a dry run: as before."""
    oldest_kept_ns: int | None
    """Start of the earliest trace that is left; None where none is."""
    compacted: bool
    """The file was rewritten, which gives free space back to the file system."""
    note: str
    """Why the file was not rewritten although it has much free space; else empty."""
    days: tuple[PrunedDay, ...]
    """The earliest first."""

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Self:
        days: Any = tuple(PrunedDay(**day) for day in said["days"])
        return cls(**(said | {"days": days}))


def seconds_of(text: str) -> float:
    """`12h`, `30d` or `8w` in seconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([hdw])", text.strip().lower())
    seconds = float(found[1]) * SECONDS[found[2]] if found else 0.0
    if not 0 < seconds <= LONGEST_SECONDS:
        raise BadLimit(f"{text!r} is no age to keep traces for; write a number and h, d or w, such as 30d.")
    return seconds


def bytes_of(text: str) -> int:
    """`500MB` or `5GB` in bytes."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]b)", text.strip().lower())
    size = int(float(found[1]) * BYTES[found[2]]) if found else 0
    if not 0 < size < 2**63:
        raise BadLimit(f"{text!r} is no size of a store; write a number and MB, GB or TB, such as 5GB.")
    return size
