"""Opens the file: attached with our options, checked, brought to this schema version, locked down."""

import os
import re
from pathlib import Path

import duckdb

from collector.errors import StoreLocked, StoreUnreadable
from collector.store.duckdb import migration

ATTACHED_AS = "store"
OPTIONS = "ROW_GROUP_SIZE 16384, STORAGE_VERSION 'v1.5.0'"
"""Small row groups keep the longest commit under a second; the option is not stored in the file, so it is
given at every opening. The storage version keeps files readable by DuckDB 1.5."""
BLOCK_BYTES = 65_536
"""Of files made from now on; a file keeps the size it was made with until it is exchanged for its copy. Every column
of a row group ends in a block that is partly empty, which at DuckDB's 262,144 is a tenth of the file."""

COPY_SUFFIX = ".compacting"
LOG_SUFFIXES = ("", ".wal", ".wal.checkpoint", ".wal.recovery")
"""A DuckDB file and what DuckDB writes beside it."""
MEMORY = "192MB"
"""For blocks of the file and for questions. Four times as much makes those over ten million spans a quarter
faster, and the collector twice as large."""


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    """The store at `path`, made if absent. A file that cannot be opened is left as it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnreadable(path, f"{error.strerror}.") from error
    connection = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "temp_directory": f"{path}.tmp",
            "default_block_size": str(BLOCK_BYTES),
        }
    )
    try:
        # A file that is refused must not be written as it is closed.
        connection.execute("pragma disable_checkpoint_on_shutdown")
        was_closed = not any(size_of(log) for log in _with_logs(path)[1:])
        attach(connection, path, ATTACHED_AS)
        connection.execute(f"use {ATTACHED_AS}")
        if was_closed:
            _require_whole(connection, path)
        # Only now is it sure that no other process is at work on them.
        remove_copy(path)
        migration.bring_up_to_date(connection, path)
        connection.execute("pragma enable_checkpoint_on_shutdown")
        _configure(connection, path)
    except duckdb.Error as error:
        connection.close()
        raise StoreUnreadable(path, f"{error}.") from error
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
        if "Could not set lock" in message or "already attached" in message:
            holder = re.search(r"PID (\d+)", message)
            raise StoreLocked(path, int(holder[1]) if holder else None) from error
        raise StoreUnreadable(path, message) from error


def _require_whole(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """DuckDB itself notices the lack of a block only when somebody asks for it.

    Free blocks at the end of a file may never have been written, so only those in use are counted. Where
    there was a log, some of them may be in memory only until the next checkpoint, so this cannot tell.
    """
    [(block_bytes, used)] = connection.execute(
        "select block_size, used_blocks from pragma_database_size() where database_name = $name",
        {"name": ATTACHED_AS},
    ).fetchall()
    missing = block_bytes * used - path.stat().st_size
    if missing > 0:
        raise StoreUnreadable(path, f"it was cut short, by {missing:,} bytes at least.")


def copy_of(path: Path) -> Path:
    """Where a smaller copy of the file is made before it takes the file's place."""
    return path.with_name(f"{path.name}{COPY_SUFFIX}")


def remove_copy(path: Path) -> None:
    """What is left of a copy that was never finished."""
    for file in _with_logs(copy_of(path)):
        file.unlink(missing_ok=True)


def wal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def size_of(file: Path) -> int:
    """0 where there is none; the log comes and goes."""
    try:
        return os.stat(file).st_size
    except FileNotFoundError:
        return 0


def _with_logs(path: Path) -> list[Path]:
    return [path.with_name(f"{path.name}{suffix}") for suffix in LOG_SUFFIXES]


def _configure(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    # A longer log before each checkpoint halves the cost of ingest.
    connection.execute("set checkpoint_threshold = '64MB'")
    # A checkpoint takes up to 90 MB, which would stay with the allocator; at DuckDB's 128 it gives them back late.
    connection.execute("set allocator_flush_threshold = '16MB'")
    connection.execute("set allocator_bulk_deallocation_flush_threshold = '16MB'")
    connection.execute("set TimeZone = 'UTC'")
    # What a query may spill; the default is nearly all of the disk, which spans need more.
    connection.execute("set max_temp_directory_size = '4GB'")
    # Queries of explorers get a bound of their own, each on its cursor.
    connection.execute("set allowed_configs = ['operator_memory_limit']")
    # From here on no statement, not even a hostile one, can reach another file or undo this, but for the
    # place where the store makes a copy of itself.
    connection.execute("set allowed_paths = $paths", {"paths": [str(p) for p in _with_logs(copy_of(path))]})
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
