"""The trace store: one DuckDB file, owned by this process while it is open.

DuckDB locks a file against every other process, readers too, so only the collector opens it and everybody
else asks the collector. One thread writes at a time; each question runs on a cursor of its own, in a
transaction that rejects writes.
"""

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from collector.batch import Batch
from collector.errors import QuestionError, StoreError, UnstorableSpans
from collector.store import landing, statements
from collector.store.gate import Gate
from collector.store.migration import SCHEMA_VERSION
from collector.store.opening import ATTACHED_AS, opened

__all__ = ["SCHEMA_VERSION", "DuckdbStore"]

FILE_NAME = "traces.duckdb"
QUESTION_SECONDS = 30.0
PATIENCE_SECONDS = 8.0
"""How long anybody waits while the file is exchanged: less than senders wait for an answer."""


class DuckdbStore:
    """Use `DuckdbStore.open(folder)`, and `close()` in the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = opened(path)
        self._gate = Gate()
        self._one_writer = threading.Lock()

    @classmethod
    def open(cls, folder: Path) -> "DuckdbStore":
        """Open the store in `folder`, made if absent. A file that cannot be opened is left as it is."""
        return cls((folder / FILE_NAME).resolve())

    @property
    def location(self) -> str:
        return str(self.path)

    def close(self) -> None:
        self._connection.close()

    def land(self, batch: Batch) -> pa.Table:
        try:
            with self._writing() as cursor:
                return landing.land(cursor, batch)
        except (duckdb.DataError, pa.ArrowInvalid) as error:
            raise UnstorableSpans(str(error)) from error
        except duckdb.Error as error:
            raise StoreError(f"{self.path} cannot be written: {error}") from error

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
        with self._cursor() as cursor, self._one_writer:
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
        with self._gate.shared(PATIENCE_SECONDS):
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
