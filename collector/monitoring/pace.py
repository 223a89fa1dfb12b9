"""How fast spans come, and how long they are on their way: of the last minutes, for whoever looks."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from collector import arrow_compute as pc
from collector.group_commit import Tally

STEP_SECONDS = 10
STEPS = 60
"""Ten minutes."""
SPANS_REMEMBERED = 4096
NS = 1_000_000_000

Counts = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Lag:
    """From the end of a span to its commit, of the latest spans that were stored."""

    spans: int
    """How many the next three are about; 0 until something was stored."""
    p50_seconds: float | None
    p95_seconds: float | None
    newest_seconds: float | None
    """Of the last commit's span that ended last. Below 0 where the sender's clock is ahead."""


@dataclass(frozen=True, slots=True)
class Course:
    """Spans of each of the last steps, the earliest first; the last one is still under way."""

    step_seconds: int
    received: list[int]
    stored: list[int]
    duplicate: list[int]
    rejected: list[int]


class Pace:
    """Told by the thread that writes, read by whoever asks. Counters are looked at and never kept in step, so that
    nothing is done for each span."""

    def __init__(self, tally: Callable[[], Tally], clock: Callable[[], float] = time.monotonic) -> None:
        self._tally = tally
        self._clock = clock
        self._lock = threading.Lock()
        self._began = self._step()
        self._ends: dict[int, Counts] = {}
        """By step, the counters when they were last looked at in it."""
        self._lags = pa.array([], pa.int64())
        self._newest_ns: int | None = None

    def landed(self, rows: pa.Table) -> None:
        """To be told of every commit's new rows."""
        self._look()
        if not rows.num_rows:
            return
        ends = pc.call_function("add", [rows["start_ns"], rows["duration_ns"]])
        lags = pc.call_function("subtract", [pa.scalar(time.time_ns()), ends]).combine_chunks()
        newest = pc.call_function("min", [lags]).as_py()
        latest = lags.slice(max(0, len(lags) - SPANS_REMEMBERED))
        with self._lock:
            kept = pa.concat_arrays([self._lags, latest])
            self._lags = kept.slice(max(0, len(kept) - SPANS_REMEMBERED))
            self._newest_ns = newest

    def lag(self) -> Lag:
        with self._lock:
            lags, newest_ns = sorted(self._lags.to_pylist()), self._newest_ns
        if newest_ns is None:
            return Lag(0, None, None, None)
        return Lag(len(lags), _quantile(lags, 0.5), _quantile(lags, 0.95), newest_ns / NS)

    def course(self) -> Course:
        """Shorter than ten minutes where the collector has not run that long."""
        self._look()
        last = self._step()
        first = max(self._began, last - STEPS + 1)
        with self._lock:
            ends = dict(self._ends)
        counts: Counts = (0, 0, 0, 0)
        for step in sorted(step for step in ends if step < first):
            counts = ends[step]
        grown: list[Counts] = []
        for step in range(first, last + 1):
            at_end = ends.get(step, counts)
            grown.append(tuple(now - before for now, before in zip(at_end, counts, strict=True)))  # pyright: ignore
            counts = at_end
        received, stored, duplicate, rejected = (list(each) for each in zip(*grown, strict=True))
        return Course(STEP_SECONDS, received, stored, duplicate, rejected)

    def _look(self) -> None:
        tally = self._tally()
        counts = (tally.received, tally.stored, tally.duplicate, tally.rejected)
        step = self._step()
        with self._lock:
            self._ends[step] = counts
            # One older than is shown: what the first step grew from.
            for old in sorted(self._ends)[: -STEPS - 1]:
                del self._ends[old]

    def _step(self) -> int:
        return int(self._clock() // STEP_SECONDS)


def _quantile(ordered: list[int], share: float) -> float:
    """Seconds; the nearest rank, so one that a span really had."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / NS
