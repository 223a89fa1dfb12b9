"""The trace store: one DuckDB file, owned by this process while it is open.

DuckDB locks a file against every other process, readers too, so only the collector opens it and everybody
else asks the collector. One thread writes; each question runs on a cursor of its own, in a transaction that
rejects writes.
"""

import re
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from collector.batch import Batch, ResourceRow, ScopeRow
from collector.columns import arrow_table, span_table
from collector.errors import (
    QuestionError,
    StoreError,
    StoreLocked,
    StoreTooNew,
    StoreUnreadable,
    UnstorableSpans,
)
from collector.store import statements

SCHEMA_VERSION = 2
FILE_NAME = "traces.duckdb"
QUESTION_SECONDS = 30.0

ATTACHED_AS = "store"
OPTIONS = "ROW_GROUP_SIZE 16384, STORAGE_VERSION 'v1.5.0'"
"""Small row groups keep the longest commit under a second; the option is not stored in the file, so it is
given at every opening. The storage version keeps files readable by DuckDB 1.5."""


class DuckdbStore:
    """Use `DuckdbStore.open(folder)`, and `close()` in the end."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, folder: Path) -> "DuckdbStore":
        """Open the store in `folder`, made if absent. A file that cannot be opened is left as it is."""
        path = (folder / FILE_NAME).resolve()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnreadable(path, f"{error.strerror}.") from error
        connection = duckdb.connect(config={"memory_limit": "1GB", "temp_directory": f"{path}.tmp"})
        try:
            _attach(connection, path)
            _prepare(connection, path)
        except BaseException:  # whatever went wrong, the file must be let go
            connection.close()
            raise
        return cls(connection, path)

    @property
    def location(self) -> str:
        return str(self.path)

    def close(self) -> None:
        self._connection.close()

    def land(self, batch: Batch) -> pa.Table:
        try:
            rows = {(row.trace_id, row.span_id): row for row in reversed(batch.rows)}.values()
            with self._writing() as connection:
                fresh = _fresh(connection, span_table(rows))
                if fresh.num_rows:
                    _insert(
                        connection,
                        fresh=fresh,
                        fresh_resources=arrow_table(ResourceRow, batch.resources.values()),
                        fresh_scopes=arrow_table(ScopeRow, batch.scopes.values()),
                    )
        except (duckdb.DataError, pa.ArrowInvalid) as error:
            raise UnstorableSpans(str(error)) from error
        except duckdb.Error as error:
            raise StoreError(f"{self.path} cannot be written: {error}") from error
        return fresh

    def ask(self, name: str, parameters: Mapping[str, object]) -> pa.Table:
        """The answer to the query file `name`. Parameters are bound, never spliced into the text."""
        try:
            with self._reading() as cursor, _interrupted_after(QUESTION_SECONDS, cursor):
                return cursor.sql(statements.query(name), params=dict(parameters)).to_arrow_table()
        except duckdb.InterruptException as error:
            raise QuestionError(f"{name} took longer than {QUESTION_SECONDS:.0f} s; ask for less") from error
        except duckdb.Error as error:
            raise StoreError(f"{name} cannot be answered: {error}") from error

    def bytes_on_disk(self) -> int:
        files = (self.path, self.path.with_name(f"{self.path.name}.wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    @contextmanager
    def _writing(self) -> Generator[duckdb.DuckDBPyConnection]:
        with self._cursor() as cursor:
            cursor.execute("begin transaction")
            yield cursor
            cursor.execute("commit")

    @contextmanager
    def _reading(self) -> Generator[duckdb.DuckDBPyConnection]:
        with self._cursor() as cursor:
            cursor.execute("begin transaction read only")
            yield cursor

    @contextmanager
    def _cursor(self) -> Generator[duckdb.DuckDBPyConnection]:
        """Closing a cursor rolls back what it has not committed."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"use {ATTACHED_AS}")
            yield cursor
        finally:
            cursor.close()


@contextmanager
def _interrupted_after(seconds: float, cursor: duckdb.DuckDBPyConnection) -> Generator[None]:
    timer = threading.Timer(seconds, cursor.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    quoted = str(path).replace("'", "''")
    try:
        connection.execute(f"attach '{quoted}' as {ATTACHED_AS} ({OPTIONS})")
    except duckdb.Error as error:
        message = str(error)
        if "lock" in message.lower() or "already attached" in message:
            holder = re.search(r"PID (\d+)", message)
            raise StoreLocked(path, int(holder[1]) if holder else None) from error
        raise StoreUnreadable(path, message) from error


def _prepare(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    connection.execute(f"use {ATTACHED_AS}")
    version = _schema_version(connection, path)
    if version is not None and version > SCHEMA_VERSION:
        raise StoreTooNew(path, version, SCHEMA_VERSION)
    connection.execute("begin transaction")
    if version is not None:
        for migration in statements.migrations()[version - 1 :]:
            connection.execute(migration)
    for statement in statements.schema():
        connection.execute(statement)
    connection.execute("delete from meta where key = 'schema_version'")
    connection.execute(
        "insert into meta values ('schema_version', $version)", {"version": str(SCHEMA_VERSION)}
    )
    connection.execute("commit")
    # A longer log before each checkpoint halves the cost of ingest.
    connection.execute("set checkpoint_threshold = '64MB'")
    connection.execute("set TimeZone = 'UTC'")
    # From here on no statement, not even a hostile one, can reach another file or undo this.
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _schema_version(connection: duckdb.DuckDBPyConnection, path: Path) -> int | None:
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


def _fresh(connection: duckdb.DuckDBPyConnection, batch: pa.Table) -> pa.Table:
    """The spans of the batch that are not stored yet."""
    ids = batch.select(["trace_id", "span_id"])
    starts = batch["start_ns"].to_pylist()
    connection.register("batch", ids)
    bounds = {"first_ns": min(starts), "last_ns": max(starts)}
    known = set(connection.execute(statements.landing("known"), bounds).fetchall())
    connection.unregister("batch")
    if not known:
        return batch
    pairs = zip(ids["trace_id"].to_pylist(), ids["span_id"].to_pylist(), strict=True)
    return batch.filter(pa.array([pair not in known for pair in pairs]))


def _insert(connection: duckdb.DuckDBPyConnection, **tables: pa.Table) -> None:
    for name, table in tables.items():
        connection.register(name, table)
    for statement in ("spans", "trace_parts", "resources", "scopes"):
        connection.execute(statements.landing(statement))
    for name in tables:
        connection.unregister(name)
