"""Merges the parts of each trace into one, a few thousand at a time.

Spans of a trace arrive over several commits, and adding up all parts of all traces at every question would
take seconds once there are millions. Merged, a window is added up by reading one row a trace; only the few
thousand parts that wait are added up when somebody asks. What a question answers is the same before and after.
"""

import duckdb

from collector.store import statements

MOST_WAITING = 8192
"""Parts. Fewer would have running traces merged again and again; more would slow every question."""


def settle_if_many(connection: duckdb.DuckDBPyConnection) -> None:
    waiting = connection.execute(statements.landing("waiting_parts")).fetchall()[0][0]
    if waiting > MOST_WAITING:
        settle(connection)


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Merge the parts that wait. To be called inside a transaction."""
    connection.register("merged", connection.sql("from merged_parts()").to_arrow_table())
    connection.execute(statements.landing("delete_merged"))
    connection.execute(statements.landing("settled_parts"))
    connection.unregister("merged")
