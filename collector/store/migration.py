"""Brings the schema of an open file to the version this program knows."""

from pathlib import Path

import duckdb

from collector.errors import StoreTooNew, StoreUnreadable
from collector.store import statements

SCHEMA_VERSION = 2


def bring_up_to_date(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """In one transaction: a crash leaves the file at the version it had."""
    version = _version(connection, path)
    if version is not None and version > SCHEMA_VERSION:
        raise StoreTooNew(path, version, SCHEMA_VERSION)
    connection.execute("begin transaction")
    if version is not None:
        for step in statements.migrations()[version - 1 :]:
            connection.execute(step)
    for statement in statements.schema():
        connection.execute(statement)
    if version == 1:
        _roll_up(connection)
    connection.execute("delete from meta where key = 'schema_version'")
    connection.execute(
        "insert into meta values ('schema_version', $version)", {"version": str(SCHEMA_VERSION)}
    )
    connection.execute("commit")


def _roll_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Adds up all spans anew, one part a trace."""
    connection.execute("create temp view fresh as select * from spans")
    connection.execute(statements.landing("trace_parts"))
    connection.execute("drop view fresh")
    connection.execute("update trace_parts set settled = true")


def _version(connection: duckdb.DuckDBPyConnection, path: Path) -> int | None:
    """None for a new file."""
    tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    if not tables:
        return None
    if "meta" not in tables:
        raise StoreUnreadable(path, "it is a DuckDB file with other tables.")
    found = connection.execute("select value from meta where key = 'schema_version'").fetchone()
    if found is None:
        raise StoreUnreadable(path, "it names no schema version.")
    return int(found[0])
