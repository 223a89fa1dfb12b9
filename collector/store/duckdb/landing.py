"""Writes a batch into the tables: what is new of its spans, and what they add to their traces."""

import duckdb
import pyarrow as pa

from collector import arrow_compute as pc
from collector.spans.batch import Batch, ResourceRow, ScopeRow
from collector.spans.columns import arrow_table
from collector.spans.rows import LAST_NS
from collector.store import statements
from collector.store.duckdb import foreign_usage
from collector.store.duckdb.settling import settle_if_many

LOOKED_BACK_NS = 600 * 10**9
"""A span that is sent again with another start is known within ten minutes: one wrong clock in a trace must not
make every batch read the whole table."""


def land(connection: duckdb.DuckDBPyConnection, batch: Batch) -> pa.Table:
    """The rows that were new. To be called inside a transaction."""
    fresh = _fresh(connection, batch.spans())
    if fresh.num_rows:
        fresh, revision = foreign_usage.decide(connection, fresh)
        _insert(
            connection,
            fresh=fresh,
            fresh_resources=arrow_table(ResourceRow, batch.resources.values()),
            fresh_scopes=arrow_table(ScopeRow, batch.scopes.values()),
        )
        foreign_usage.revise(connection, revision)
        settle_if_many(connection)
    return fresh


def _fresh(connection: duckdb.DuckDBPyConnection, batch: pa.Table) -> pa.Table:
    """The spans of the batch that are not stored yet."""
    ids = batch.select(["trace_id", "span_id"])
    starts = pc.min_max(batch["start_ns"]).as_py()
    connection.register("batch", ids)
    bounds = _bounds(connection, starts["min"], starts["max"])
    known = set(connection.execute(statements.landing("known"), bounds).fetchall())
    connection.unregister("batch")
    if not known:
        return batch
    pairs = zip(ids["trace_id"].to_pylist(), ids["span_id"].to_pylist(), strict=True)
    return batch.filter(pa.array([pair not in known for pair in pairs]))


def _bounds(connection: duckdb.DuckDBPyConnection, first_ns: int, last_ns: int) -> dict[str, int]:
    """Where spans of the batch may be stored already: a sender that repeats itself may tell other times."""
    near = {"earliest_ns": first_ns - LOOKED_BACK_NS, "latest_ns": min(last_ns + LOOKED_BACK_NS, LAST_NS)}
    [(first_stored, last_stored)] = connection.execute(statements.landing("known_bounds"), near).fetchall()
    if first_stored is not None:
        first_ns, last_ns = min(first_ns, first_stored), max(last_ns, last_stored)
    return {"first_ns": first_ns, "last_ns": last_ns}


def _insert(connection: duckdb.DuckDBPyConnection, **tables: pa.Table) -> None:
    for name, table in tables.items():
        connection.register(name, table)
    for statement in ("spans", "trace_parts", "resources", "scopes"):
        connection.execute(statements.landing(statement))
    for name in tables:
        connection.unregister(name)
