"""Opens the file: attached with our options, checked, brought to this schema version, locked down."""

import re
from pathlib import Path

import duckdb

from collector.errors import StoreLocked, StoreUnreadable
from collector.store import migration

ATTACHED_AS = "store"
OPTIONS = "ROW_GROUP_SIZE 16384, STORAGE_VERSION 'v1.5.0'"
"""Small row groups keep the longest commit under a second; the option is not stored in the file, so it is
given at every opening. The storage version keeps files readable by DuckDB 1.5."""


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    """The store at `path`, made if absent. A file that cannot be opened is left as it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnreadable(path, f"{error.strerror}.") from error
    connection = duckdb.connect(config={"memory_limit": "1GB", "temp_directory": f"{path}.tmp"})
    try:
        attach(connection, path, ATTACHED_AS)
        connection.execute(f"use {ATTACHED_AS}")
        migration.bring_up_to_date(connection, path)
        _configure(connection)
    except BaseException:  # whatever went wrong, the file must be let go
        connection.close()
        raise
    return connection


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    quoted = str(path).replace("'", "''")
    try:
        connection.execute(f"attach '{quoted}' as {name} ({OPTIONS})")
    except duckdb.Error as error:
        message = str(error)
        if "lock" in message.lower() or "already attached" in message:
            holder = re.search(r"PID (\d+)", message)
            raise StoreLocked(path, int(holder[1]) if holder else None) from error
        raise StoreUnreadable(path, message) from error


def _configure(connection: duckdb.DuckDBPyConnection) -> None:
    # A longer log before each checkpoint halves the cost of ingest.
    connection.execute("set checkpoint_threshold = '64MB'")
    connection.execute("set TimeZone = 'UTC'")
    # From here on no statement, not even a hostile one, can reach another file or undo this.
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
