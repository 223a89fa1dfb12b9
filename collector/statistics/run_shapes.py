"""How deep runs are nested, how many calls they make, and which of them had tools."""

from typing import Any

import pyarrow as pa

from collector.mode_queries import NewestRuns
from collector.statistics.looked_at import bound, look_at
from collector.statistics.observed import as_table
from collector.statistics.spent import TEXT, TRUTH, WHOLE
from collector.store.interface import Answers

SHAPES = pa.schema(
    {"trace_id": TEXT, "depth": WHOLE, "spans": WHOLE, "calls": WHOLE, "has_tools": TRUTH, "matching": WHOLE}
)


def run_shapes(store: Answers, asked: NewestRuns) -> pa.Table:
    """One row per run looked at, by trace id: trace_id, depth (levels of spans, 1 for a span alone), spans, calls (those
    that count), has_tools (a tool ran in it, or the client gave it some), matching (runs in all, of which the newest are
    looked at)."""
    seen = look_at(store, asked)
    if seen.spans_of is None:
        return as_table([], SHAPES)
    with_tools = set(store.ask("runs_with_tools", bound(seen.spans_of))["trace_id"].to_pylist())
    rows: list[dict[str, Any]] = [
        {
            "trace_id": run.trace_id,
            "depth": run.depth,
            "spans": len(run.rows),
            "calls": len(run.calls),
            "has_tools": run.trace_id in with_tools,
            "matching": seen.matching,
        }
        for run in seen.runs
    ]
    return as_table(rows, SHAPES)
