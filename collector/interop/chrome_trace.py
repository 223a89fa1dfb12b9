"""A trace as Chrome's Trace Event Format (JSON), which ui.perfetto.dev, chrome://tracing and speedscope open.

A thread of that format is a stack: of two slices on it one holds the other, or they do not meet. So each span lies
on the track of its parent as long as it fits, and opens a lane of its own where it runs beside another.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
"""A row of the question `trace_spans`; the rows come in its order, depth first."""

PROCESS = 1
TOLD = (
    "span_id",
    "parent_span_id",
    "span_type",
    "role",
    "strategy",
    "stage_kind",
    "stage_name",
    "model",
    "status",
    "outcome",
    "error_type",
    "status_message",
    "attempt",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "cost_usd",
    "cost_source",
    "billing",
    "self_ms",
)
"""What a slice tells when it is clicked, where it is known."""


@dataclass(slots=True)
class _Lane:
    open: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """The slices, and their ends in nanoseconds, that last longer than the newest begins; the innermost last."""

    def takes(self, parent: str | None, start_ns: int, end_ns: int) -> bool:
        """On its parent a slice may lie as long as it fits; on nobody else, lest it look like a child of that."""
        while self.open and self.open[-1][1] <= start_ns:
            self.open.pop()
        if not self.open:
            return True
        innermost, until_ns = self.open[-1]
        return innermost == parent and end_ns <= until_ns


def chrome_trace(name: str, rows: Sequence[Row], names: Sequence[str]) -> bytes:
    """The JSON object form: complete events (`ph` X) with `ts` and `dur` in microseconds from the start of the trace.

    `names` are what the rows are called on screen. Times are cut to whole nanoseconds, so that nothing overlaps by
    rounding.
    """
    lanes = _lanes(rows)
    events = [_said("process_name", 0, name)]
    events += [_said("thread_name", lane, f"lane {lane + 1}") for lane in range(max(lanes, default=-1) + 1)]
    events += [_slice(row, called, lane) for row, called, lane in zip(rows, names, lanes, strict=True)]
    return json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}, ensure_ascii=False).encode(
        "utf-8", "replace"
    )


def _lanes(rows: Iterable[Row]) -> list[int]:
    """The lane of each row, the lowest there is room on, tried from its parent's on.

    Slices are placed in the order in which they start, which is not that of the rows.
    """
    placed = [(*_times(row), index, row) for index, row in enumerate(rows)]
    lanes: list[_Lane] = []
    chosen = [0] * len(placed)
    lane_of: dict[str | None, int] = {}
    for start_ns, end_ns, index, row in sorted(placed, key=lambda each: (each[0], -each[1], each[2])):
        parent = row["parent_span_id"]
        free = range(lane_of.get(parent, 0), len(lanes))
        lane = next((each for each in free if lanes[each].takes(parent, start_ns, end_ns)), len(lanes))
        if lane == len(lanes):
            lanes.append(_Lane())
        lanes[lane].open.append((row["span_id"], end_ns))
        chosen[index] = lane_of[row["span_id"]] = lane
    return chosen


def _times(row: Row) -> tuple[int, int]:
    """Start and end in nanoseconds, the end never before the start."""
    start_ns = round(row["start_ms"] * 1e6)
    return start_ns, max(start_ns, round(row["end_ms"] * 1e6))


def _slice(row: Row, called: str, lane: int) -> dict[str, Any]:
    start_ns, end_ns = _times(row)
    return {
        "name": called,
        "cat": row["span_type"] or "span",
        "ph": "X",
        "ts": start_ns / 1000,
        "dur": (end_ns - start_ns) / 1000,
        "pid": PROCESS,
        "tid": lane,
        "args": {key: row[key] for key in TOLD if row.get(key) is not None},
    }


def _said(what: str, lane: int, name: str) -> dict[str, Any]:
    return {"name": what, "ph": "M", "pid": PROCESS, "tid": lane, "args": {"name": name}}
