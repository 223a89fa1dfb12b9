"""Brings the schema of an open file to the version this program knows."""

import shutil
from pathlib import Path

import duckdb

from collector.errors import StoreTooNew, StoreUnreadable
from collector.store import statements
from collector.store.duckdb.settling import settle

SCHEMA_VERSION = 2
SHARE_NEEDED = 0.5
"""Of the file's size, free on its disk: what a migration writes beside the old rows until it is committed."""
DROPPED = {"macro": "macro", "table macro": "macro table", "view": "view"}


def bring_up_to_date(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """In one transaction: a crash, or a disk that gets full, leaves the file at the version it had."""
    version = _version(connection, path)
    if version is not None and version > SCHEMA_VERSION:
        raise StoreTooNew(path, version, SCHEMA_VERSION)
    if version is not None and version < SCHEMA_VERSION:
        _require_room(path, version)
    try:
        connection.execute("begin transaction")
        _migrate(connection, version)
        connection.execute("commit")
    except duckdb.Error as error:
        before = "it is no trace store of ours" if version is None else f"it has schema version {version}"
        raise StoreUnreadable(
            path, f"{before}, and bringing it to {SCHEMA_VERSION} failed: {error}."
        ) from error


def _migrate(connection: duckdb.DuckDBPyConnection, version: int | None) -> None:
    if version is not None and version < SCHEMA_VERSION:
        _drop_views_and_macros(connection)
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


def _drop_views_and_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """The schema makes those anew that it still has."""
    objects = connection.execute(
        "select distinct replace(function_type, '_', ' '), function_name from duckdb_functions() where not internal "
        "union all select 'view', view_name from duckdb_views() where not internal"
    ).fetchall()
    for kind, name in objects:
        quoted = name.replace('"', '""')
        connection.execute(f'drop {DROPPED[kind]} "{quoted}"')


def _roll_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Adds up all spans anew, one part a trace."""
    connection.execute("create temp view fresh as select * from spans")
    connection.execute(statements.landing("trace_parts"))
    connection.execute("drop view fresh")
    settle(connection)


def _require_room(path: Path, version: int) -> None:
    needed = int(path.stat().st_size * SHARE_NEEDED)
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise StoreUnreadable(
            path,
            f"it has schema version {version}, and bringing it to {SCHEMA_VERSION} takes {needed:,} bytes of "
            f"disk, of which {free:,} are free.",
        )


def _version(connection: duckdb.DuckDBPyConnection, path: Path) -> int | None:
    """None for a new file."""
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns() where not internal"
    ).fetchall()
    if not columns:
        return None
    if not {("meta", "key"), ("meta", "value")} <= set(columns):
        raise StoreUnreadable(path, "it is a DuckDB file with other tables.")
    found = connection.execute("select value from meta where key = 'schema_version'").fetchall()
    if not found:
        raise StoreUnreadable(path, "it names no schema version.")
    [said] = found[0]
    version = int(said) if said.isascii() and said.isdecimal() else 0
    if not version:
        raise StoreUnreadable(path, f"its schema version is {said[:40]!r}, which is none.")
    return version
