"""Writes a batch into ClickHouse's tables.

There is no transaction over several tables, so the order of the inserts takes its place: spans come last, and
only once they are in is anything acknowledged. Whatever a crash leaves half done, the repeated delivery
completes, because each row written twice counts once.
"""

from typing import Any

import pyarrow as pa

from collector.spans.batch import Batch, ResourceRow, ScopeRow
from collector.spans.columns import arrow_table
from collector.store import statements
from collector.store.clickhouse.connection import IDS_A_LOOK, ClickhouseConnection
from collector.store.clickhouse.usage import ClickhouseUsage, foreign

DURABLE: dict[str, Any] = {
    # The server's own batching may acknowledge before it has written.
    "async_insert": 0,
    # A fault after the first block must not look like success.
    "wait_end_of_query": 1,
    # A batch may hold spans of any day, late ones and those of broken clocks; it is not refused for it.
    "max_partitions_per_insert_block": 0,
}
MOST_NAMES_REMEMBERED = 10_000


class ClickhouseLanding:
    def __init__(self, connection: ClickhouseConnection) -> None:
        self._connection = connection
        self._usage = ClickhouseUsage(connection)
        self._written: set[tuple[str, str]] = set()
        """Resources and scopes this process has written: nearly every batch repeats them."""

    def land(self, batch: Batch) -> pa.Table:
        """The rows that were new."""
        fresh = self._fresh(batch.spans())
        if not fresh.num_rows:
            return fresh
        self._describe("resources", arrow_table(ResourceRow, batch.resources.values()))
        self._describe("scopes", arrow_table(ScopeRow, batch.scopes.values()))
        bounds = _bounds(fresh)
        # Before the spans: whoever finds a span finds the bounds of its trace.
        self._insert("trace_bounds", bounds)
        traces = self._usage.traces(bounds)
        if traces is None:
            self._insert("spans", fresh)
            return fresh
        fresh, revisions = self._usage.decided(traces, fresh)
        self._insert("spans", fresh.append_column("revision", revisions))
        self._usage.revise(traces, fresh)
        return fresh

    def _fresh(self, batch: pa.Table) -> pa.Table:
        """The spans of the batch that are not stored yet."""
        starts = batch["start_ns"].to_pylist()
        bounds = {"first_ns": min(starts), "last_ns": max(starts)}
        traces = batch["trace_id"].unique().to_pylist()
        known: set[tuple[str, str]] = set()
        for first in range(0, len(traces), IDS_A_LOOK):
            looked_for = bounds | {"trace_ids": traces[first : first + IDS_A_LOOK]}
            found = self._connection.query(statements.landing("known", statements.CLICKHOUSE), looked_for, {})
            known.update(zip(found["trace_id"].to_pylist(), found["span_id"].to_pylist(), strict=True))
        if not known:
            return batch
        pairs = zip(batch["trace_id"].to_pylist(), batch["span_id"].to_pylist(), strict=True)
        return batch.filter(pa.array([pair not in known for pair in pairs]))

    def _describe(self, table: str, rows: pa.Table) -> None:
        names = [(table, name) for name in rows.column(0).to_pylist()]
        if self._written.issuperset(names):
            return
        self._insert(table, rows)
        if len(self._written) > MOST_NAMES_REMEMBERED:
            self._written.clear()
        self._written.update(names)

    def _insert(self, table: str, rows: pa.Table) -> None:
        self._connection.insert(table, rows, DURABLE)


def _bounds(fresh: pa.Table) -> pa.Table:
    marked = fresh.select(["trace_id", "start_ns"]).append_column("has_foreign", foreign(fresh))
    wanted = [("start_ns", "min"), ("start_ns", "max"), ("has_foreign", "max")]
    return (
        marked.group_by("trace_id")
        .aggregate(wanted)
        .rename_columns(["trace_id", "start_ns", "last_ns", "has_foreign"])
    )
