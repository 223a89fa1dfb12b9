"""Which models runs wait for: those on the critical path the longest, and those that come last of calls side by side."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector.mode_queries import NewestRuns
from collector.statistics.looked_at import UNWANTED, OpenedRun, end_ns, look_at
from collector.statistics.observed import as_table
from collector.statistics.spent import REAL, TEXT, WHOLE
from collector.store.interface import Answers

BOTTLENECKS = pa.schema(
    {
        "model": TEXT,
        "runs": WHOLE,
        "calls": WHOLE,
        "path_ms": REAL,
        "side_by_side": WHOLE,
        "straggled": WHOLE,
        "straggled_ms": REAL,
        "example_trace_id": TEXT,
        "latency_ms": REAL,
        "looked_at": WHOLE,
        "matching": WHOLE,
    }
)


@dataclass(slots=True)
class _Model:
    runs: set[str] = field(default_factory=set[str])
    calls: int = 0
    path_ms: dict[str, float] = field(default_factory=lambda: defaultdict[str, float](float))
    """By trace."""
    side_by_side: int = 0
    straggled: int = 0
    straggled_ms: float = 0.0


def bottlenecks(store: Answers, asked: NewestRuns) -> pa.Table:
    """One row per model, the one runs waited longest for first: model, runs and calls it took part in, path_ms (how long
    its calls were on the runs' critical paths, all together), side_by_side (calls of it that stood in a stage beside
    others), straggled (how often it was the last of them to end), straggled_ms (how much later than the one before it,
    all together), example_trace_id (the run that waited longest), latency_ms (of all runs looked at together),
    looked_at and matching (runs looked at, and runs in all)."""
    seen = look_at(store, asked)
    models: dict[str, _Model] = defaultdict(_Model)
    for run in seen.runs:
        _add(run, models)
    whole = {
        "latency_ms": sum(run.latency_ms for run in seen.runs),
        "looked_at": len(seen.runs),
        "matching": seen.matching,
    }
    rows = [_row(name, model) | whole for name, model in models.items()]
    return as_table(sorted(rows, key=lambda row: (-row["path_ms"], row["model"])), BOTTLENECKS)


def _add(run: OpenedRun, models: dict[str, _Model]) -> None:
    called: dict[str, str] = {}
    for row in run.calls:
        name = called[row["span_id"]] = row["model"] or "unknown"
        models[name].calls += 1
        models[name].runs.add(run.trace_id)
    for segment in run.path():
        if name := called.get(segment.span_id):
            models[name].path_ms[run.trace_id] += segment.end_ms - segment.start_ms
    for beside in _side_by_side(run):
        for row in beside:
            models[row["model"] or "unknown"].side_by_side += 1
        before, last = sorted(beside, key=end_ns)[-2:]
        straggler = models[last["model"] or "unknown"]
        straggler.straggled += 1
        straggler.straggled_ms += (end_ns(last) - end_ns(before)) / 1e6


def _side_by_side(run: OpenedRun) -> Iterator[Sequence[dict[str, Any]]]:
    """The calls of each stage that were under way at once, without those nobody waited for. Several rounds in one stage
    are several groups."""
    by_stage: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in run.calls:
        if row["parent_span_id"] and row["outcome"] not in UNWANTED:
            by_stage[row["parent_span_id"]].append(row)
    for calls in by_stage.values():
        group: list[dict[str, Any]] = []
        reached = 0
        for row in sorted(calls, key=lambda row: row["start_ns"]):
            if group and row["start_ns"] >= reached:
                yield from [group] if len(group) > 1 else []
                group = []
            group.append(row)
            reached = max(reached, end_ns(row))
        yield from [group] if len(group) > 1 else []


def _row(name: str, model: _Model) -> dict[str, Any]:
    return {
        "model": name,
        "runs": len(model.runs),
        "calls": model.calls,
        "path_ms": sum(model.path_ms.values()),
        "side_by_side": model.side_by_side,
        "straggled": model.straggled,
        "straggled_ms": model.straggled_ms,
        "example_trace_id": min(
            model.runs, key=lambda trace_id: (-model.path_ms.get(trace_id, 0.0), trace_id)
        ),
    }
