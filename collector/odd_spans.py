"""What is strange among the spans of a window: asked a part of it after the other, and added up.

Every span is held against its parent. For a day of a busy store that is done in a moment; for a month at once the
engine would need more memory than it has.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector.errors import QuestionError
from collector.parameters import Period
from collector.store.interface import Answers

SPANS_A_PART = 250_000
MOST_SECONDS = 30.0
"""For all parts together, as any other question has."""
DAY_NS = 86_400 * 10**9
"""A parent that starts further away than this from the part in which its child does counts as not there."""
MOST_MODELS = 20
COLUMNS = pa.schema(
    [
        ("kind", pa.string()),
        ("spans", pa.int64()),
        ("traces", pa.int64()),
        ("example_trace_id", pa.string()),
        ("most_ms", pa.float64()),
        ("twice_usd", pa.float64()),
        ("models", pa.list_(pa.string())),
    ]
)


@dataclass(slots=True)
class Found:
    """Of one kind, in the parts looked at until now."""

    spans: int = 0
    traces: int = 0
    """But for those of `reaching`, which several parts may tell."""
    reaching: set[str] = field(default_factory=set[str])
    examples: list[str] = field(default_factory=list[str])
    most_ms: list[float] = field(default_factory=list[float])
    twice_usd: list[float] = field(default_factory=list[float])
    models: set[str] = field(default_factory=set[str])

    def add(self, row: dict[str, Any]) -> None:
        self.spans += row["spans"]
        self.traces += row["traces"] - len(row["reaching"])
        self.reaching.update(row["reaching"])
        self.examples.append(row["example_trace_id"])
        self.models.update(row["models"])
        for values, value in ((self.most_ms, row["most_ms"]), (self.twice_usd, row["twice_usd"])):
            if value is not None:
                values.append(value)

    def row(self, kind: str) -> dict[str, Any]:
        return {
            "kind": kind,
            "spans": self.spans,
            "traces": self.traces + len(self.reaching),
            "example_trace_id": min(self.examples),
            "most_ms": max(self.most_ms, default=None),
            "twice_usd": sum(self.twice_usd) if self.twice_usd else None,
            "models": sorted(self.models)[:MOST_MODELS],
        }


def odd_spans(store: Answers, period: Period) -> pa.Table:
    """One row per kind, the most frequent first, with COLUMNS."""
    found: dict[str, Found] = {}
    # Spans with an absurd time start in no part, so the first one looks for all that arrived in the window.
    landed = (period.since_ns, period.until_ns)
    ends_at = time.monotonic() + MOST_SECONDS
    for part in _parts(store, period):
        if time.monotonic() > ends_at:
            raise QuestionError(f"oddities took longer than {MOST_SECONDS:.0f} s; ask for a shorter time")
        for row in store.ask("oddities", _asked(store, part, landed)).to_pylist():
            found.setdefault(row["kind"], Found()).add(row)
        landed = (0, 0)
    rows = [each.row(kind) for kind, each in found.items()]
    rows.sort(key=lambda row: (-row["spans"], row["kind"]))
    return pa.Table.from_pylist(rows, schema=COLUMNS)


def _asked(store: Answers, part: Period, landed: tuple[int, int]) -> dict[str, int]:
    within = {"since_ns": part.since_ns, "until_ns": part.until_ns}
    [bounds] = store.ask("period_bounds", within).to_pylist()
    first_ns, last_ns = bounds["first_ns"], bounds["last_ns"]
    return {
        **within,
        "first_ns": part.since_ns if first_ns is None else max(first_ns, part.since_ns - DAY_NS),
        "last_ns": part.until_ns if last_ns is None else min(last_ns, part.until_ns + DAY_NS),
        "landed_since_ns": landed[0],
        "landed_until_ns": landed[1],
    }


def _parts(store: Answers, period: Period) -> Iterator[Period]:
    """Halves of halves, until each holds few enough spans; at least one."""
    waiting = [(period.since_ns, period.until_ns)]
    is_first = True
    while waiting:
        since_ns, until_ns = waiting.pop()
        [within] = store.ask("span_count", {"since_ns": since_ns, "until_ns": until_ns}).to_pylist()
        if within["spans"] > SPANS_A_PART and within["first_ns"] < within["last_ns"]:
            middle = (within["first_ns"] + within["last_ns"] + 1) // 2
            waiting += [(middle, until_ns), (since_ns, middle)]
        elif within["spans"] or is_first:
            yield Period(since_ns=since_ns, until_ns=until_ns)
            is_first = False
