"""Counts since the collector started, by strategy and model, for whoever scrapes them.

Each commit's new rows are grouped once, by Arrow, so that nothing is done for each span and nothing that was
sent twice is counted twice. Calls of other libraries wait until their trace is settled. Names come from outside, so only so many are told apart.
"""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector import arrow_compute as pc
from collector.monitoring.held_calls import HeldCalls

MOST_SERIES = 200
OTHER = ("other", "other")
LONGEST_NAME = 100
SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the buckets of a call's duration."""
KINDS = ("input", "output", "cached", "reasoning")
COUNTED = [
    *("strategy", "model", "is_llm_call", "status_code", "billing", "duration_ns", "cost_usd"),
    *(f"{kind}_tokens" for kind in KINDS),
]
"""The columns that figures are made of: the texts beside them are most of the bytes."""
HELD = ["trace_id", "span_id", "parent_span_id", "start_ns", "dialect"]
ERROR = 2


@dataclass(slots=True)
class CallFigures:
    """The calls of one strategy to one model."""

    calls: int = 0
    errors: int = 0
    unpriced: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0
    tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    by_bucket: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    """How many took at most so long as each of SECONDS, and no less than the one before; then the rest."""


@dataclass(slots=True)
class QuestionFigures:
    asked: int = 0
    seconds: float = 0.0


class Figures:
    """Told by the thread that writes and by those that ask; read by whoever scrapes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[tuple[str, str], CallFigures] = {}
        self._questions: dict[str, QuestionFigures] = {}
        self.held = HeldCalls()
        self.lag_seconds: float | None = None
        """From the end of the newest span of the last commit to its commit."""
        self.committed_at: float | None = None
        """On the monotonic clock."""

    def landed(self, rows: pa.Table) -> None:
        self.committed_at = time.monotonic()
        if not rows.num_rows:
            return
        newest = pc.call_function("max", [pc.call_function("add", [rows["start_ns"], rows["duration_ns"]])])
        self.lag_seconds = (time.time_ns() - newest.as_py()) / 1e9
        self.count(self.held.hold(rows.select([*HELD, *COUNTED])))

    def count(self, rows: pa.Table) -> None:
        """The calls among the rows, for good."""
        groups = _groups(rows.select(COUNTED).filter(pc.field("is_llm_call")))
        with self._lock:
            for group in groups:
                self._add(group)

    def asked(self, question: str, seconds: float) -> None:
        """`question` is one that exists."""
        with self._lock:
            figures = self._questions.setdefault(question, QuestionFigures())
            figures.asked += 1
            figures.seconds += seconds

    def calls(self) -> dict[tuple[str, str], CallFigures]:
        """By strategy and model. A copy, but for the figures that still grow."""
        with self._lock:
            return dict(self._calls)

    def questions(self) -> dict[str, QuestionFigures]:
        with self._lock:
            return dict(self._questions)

    def _add(self, group: dict[str, Any]) -> None:
        name = (group["strategy"][:LONGEST_NAME], group["model"][:LONGEST_NAME])
        if name not in self._calls and len(self._calls) >= MOST_SERIES:
            name = OTHER
        figures = self._calls.setdefault(name, CallFigures())
        figures.calls += group["is_llm_call_count"]
        figures.errors += group["is_error_sum"]
        figures.unpriced += group["is_unpriced_sum"]
        figures.cost_usd += group["cost_usd_sum"] or 0.0
        figures.seconds += group["seconds_sum"]
        figures.by_bucket[group["bucket"]] += group["is_llm_call_count"]
        for kind in KINDS:
            figures.tokens[kind] += group[f"{kind}_tokens_sum"] or 0


def _groups(calls: pa.Table) -> list[dict[str, Any]]:
    """One row per strategy, model and bucket of duration."""
    if not calls.num_rows:
        return []
    seconds = pc.call_function("divide", [calls["duration_ns"].cast(pa.float64()), pa.scalar(1e9)])
    columns = {
        "strategy": calls["strategy"].fill_null("other"),
        "model": calls["model"].fill_null("unknown"),
        "bucket": _bucket(seconds),
        "seconds": seconds,
        "is_llm_call": calls["is_llm_call"],
        "is_error": _is(calls["status_code"], ERROR),
        "is_unpriced": _is(calls["billing"], "unpriced"),
        "cost_usd": calls["cost_usd"],
    } | {f"{kind}_tokens": calls[f"{kind}_tokens"] for kind in KINDS}
    sums = [(name, "sum") for name in columns if name not in ("strategy", "model", "bucket", "is_llm_call")]
    grouped = pa.table(columns).group_by(["strategy", "model", "bucket"])
    return grouped.aggregate([("is_llm_call", "count"), *sums]).to_pylist()


def _bucket(seconds: pa.ChunkedArray) -> pa.ChunkedArray:
    """How many bounds are smaller."""
    bucket = None
    for bound in SECONDS:
        is_longer = pc.call_function("greater", [seconds, pa.scalar(bound)]).cast(pa.int64())
        bucket = is_longer if bucket is None else pc.call_function("add", [bucket, is_longer])
    return bucket


def _is(column: pa.ChunkedArray, value: object) -> pa.ChunkedArray:
    return pc.call_function("equal", [column, pa.scalar(value)]).fill_null(False)
