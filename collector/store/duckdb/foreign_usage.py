"""Keeps what counts of others' usage right while a trace's spans arrive, in any order and many batches.

`decide` looks at the fresh spans together with what is stored of their traces; `revise` corrects what was
decided before with less in sight, and adds those traces up anew. Both run in the transaction that lands the
spans. A batch of our own spans costs one look at a small table.
"""

from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from collector.dialects.table import COMPOSITE
from collector.store import statements, usage_decisions
from collector.store.usage_decisions import columns, decisions, turned, with_decisions
from collector.usage.usage_span import UsageSpan

SAYS_NOTHING = frozenset({COMPOSITE, None})
"""Dialects of spans about whose usage nothing is to be decided."""
LOOKED_AT = ["trace_id", "dialect", "is_llm_call", "input_tokens", "output_tokens", "cost_usd"]


@dataclass(frozen=True, slots=True)
class Revision:
    """What has to change about stored spans."""

    spans: pa.Table
    first_ns: int = 0
    last_ns: int = 0

    @property
    def traces(self) -> pa.Table:
        return self.spans.select(["trace_id"]).group_by("trace_id").aggregate([])


REVISED = pa.schema(
    [
        ("trace_id", pa.string()),
        ("span_id", pa.string()),
        ("counts", pa.bool_()),
        ("rule", pa.string()),
        ("billing", pa.string()),
    ]
)
NO_REVISION = Revision(REVISED.empty_table())


def decide(connection: duckdb.DuckDBPyConnection, fresh: pa.Table) -> tuple[pa.Table, Revision]:
    """The fresh rows with what is decided about their usage, and what that changes about stored ones."""
    traces = _traces_to_look_at(connection, fresh)
    if not traces:
        return fresh, NO_REVISION
    connection.register("usage_traces", pa.table({"trace_id": pa.array(traces, pa.string())}))
    try:
        connection.execute(statements.landing("foreign_traces"))
        return _decided(connection, fresh, frozenset(traces))
    finally:
        connection.unregister("usage_traces")


def revise(connection: duckdb.DuckDBPyConnection, revision: Revision) -> None:
    """After the fresh spans are in."""
    if not revision.spans.num_rows:
        return
    bounds = {"first_ns": revision.first_ns, "last_ns": revision.last_ns}
    connection.register("revised", revision.spans)
    connection.register("revised_traces", revision.traces)
    connection.execute(statements.landing("revise_spans"), bounds)
    connection.execute(statements.landing("revised_parts"))
    connection.register(
        "fresh", connection.sql(statements.landing("whole_traces"), params=bounds).to_arrow_table()
    )
    connection.execute(statements.landing("trace_parts"))
    for name in ("fresh", "revised", "revised_traces"):
        connection.unregister(name)


def _traces_to_look_at(connection: duckdb.DuckDBPyConnection, fresh: pa.Table) -> list[str]:
    arrives = not SAYS_NOTHING.issuperset(fresh["dialect"].unique().to_pylist())
    # As long as nobody but us sends usage, a batch costs this one look at an empty table.
    if not arrives and not connection.execute("select 1 from foreign_traces limit 1").fetchall():
        return []
    connection.register("fresh_usage", fresh.select(LOOKED_AT))
    found = connection.execute(statements.landing("traces_to_decide")).fetchall()
    connection.unregister("fresh_usage")
    return sorted(trace_id for (trace_id,) in found)


def _decided(
    connection: duckdb.DuckDBPyConnection, fresh: pa.Table, traces: frozenset[str]
) -> tuple[pa.Table, Revision]:
    arrived = [
        UsageSpan(*row) for row in zip(*columns(fresh, UsageSpan._fields), strict=True) if row[0] in traces
    ]
    bounds = connection.execute(statements.landing("usage_bounds")).fetchall()
    first_ns = min([*(span.start_ns for span in arrived), *(first for _, _, first, _ in bounds)])
    last_ns = max([*(span.start_ns for span in arrived), *(last for _, _, _, last in bounds)])
    sizes = {trace_id: spans for trace_id, spans, _, _ in bounds}
    looked_up = [trace_id for trace_id, spans in sizes.items() if spans <= usage_decisions.MOST_SPANS]
    stored = _stored(connection, looked_up, {"first_ns": first_ns, "last_ns": last_ns}) if looked_up else []
    decided = decisions([*arrived, *(span for span, _ in stored)], sizes)
    changed = [
        (span.trace_id, span.span_id, *decision)
        for span, before in stored
        if (decision := decided.get((span.trace_id, span.span_id))) and tuple(decision) != before
    ]
    spans = pa.Table.from_arrays(
        [pa.array(column, kind) for column, kind in zip(turned(changed, 5), REVISED.types, strict=True)],
        schema=REVISED,
    )
    return with_decisions(fresh, decided), Revision(spans, first_ns, last_ns)


def _stored(
    connection: duckdb.DuckDBPyConnection, traces: list[str], bounds: dict[str, int]
) -> list[tuple[UsageSpan, tuple[Any, ...]]]:
    """The stored spans of the traces, each with what was decided about it."""
    connection.register("usage_traces", pa.table({"trace_id": pa.array(traces, pa.string())}))
    rows = connection.execute(statements.landing("usage_spans"), bounds).fetchall()
    return [(UsageSpan(*row[:-3]), row[-3:]) for row in rows]
