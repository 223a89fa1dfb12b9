"""The trace store: one DuckDB file, owned by this process while it is open.

DuckDB locks a file against every other process, readers too, so only the collector opens it and everybody
else asks the collector. One thread writes at a time; each question runs on a cursor of its own, in a
transaction that rejects writes.
"""

import threading
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from collector.errors import QuestionError, StoreError, UnstorableSpans
from collector.retention.limits import Limits, Pruned
from collector.spans.batch import Batch
from collector.store import literals, statements
from collector.store.duckdb import damage, explorer, landing, pruning
from collector.store.duckdb.cancellation import Cancellation
from collector.store.duckdb.migration import SCHEMA_VERSION
from collector.store.duckdb.open_file import OpenFile
from collector.store.sql_answer import SqlAnswer

__all__ = ["SCHEMA_VERSION", "DuckdbStore"]

FILE_NAME = "traces.duckdb"
QUESTION_SECONDS = 30.0


class DuckdbStore:
    """Use `DuckdbStore.open(folder)`, and `close()` in the end."""

    def __init__(self, file: OpenFile) -> None:
        self.file = file

    @classmethod
    def open(cls, folder: Path) -> "DuckdbStore":
        """Open the store in `folder`, made if absent. A file that cannot be opened is left as it is."""
        return cls(OpenFile((folder / FILE_NAME).resolve()))

    @property
    def path(self) -> Path:
        return self.file.path

    @property
    def location(self) -> str:
        return str(self.path)

    def close(self) -> None:
        self.file.close()

    def land(self, batch: Batch) -> pa.Table:
        try:
            return self.file.land(lambda cursor: landing.land(cursor, batch))
        except (duckdb.DataError, pa.ArrowInvalid) as error:
            raise UnstorableSpans(str(error)) from error
        except duckdb.Error as error:
            raise StoreError(f"{self.path} cannot be written: {damage.words(error)}") from error

    def ask(
        self, name: str, parameters: Mapping[str, object], cancellation: Cancellation | None = None
    ) -> pa.Table:
        """The answer to the query file `name`. Parameters are bound, never spliced into the text."""
        asked = cancellation or Cancellation()
        try:
            with self.file.reading() as cursor, asked.watched(cursor.interrupt, QUESTION_SECONDS):
                return cursor.sql(statements.query(name), params=dict(parameters)).to_arrow_table()
        except duckdb.InterruptException as error:
            reason = "was cancelled" if asked.is_cancelled else f"took longer than {QUESTION_SECONDS:.0f} s"
            raise QuestionError(f"{name} {reason}; ask for less") from error
        except duckdb.OutOfMemoryException as error:
            raise QuestionError(
                f"{name} needs more memory than questions have together; ask for a shorter time, or again "
                f"when others have ended. {damage.words(error)}"
            ) from error
        except duckdb.Error as error:
            raise StoreError(f"{name} cannot be answered: {damage.words(error)}") from error

    def statement(self, name: str, parameters: Mapping[str, object]) -> str:
        return literals.filled_in(statements.query(name), parameters, literals.for_duckdb)

    def sql(
        self,
        text: str,
        parameters: Mapping[str, object] | list[object],
        *,
        row_limit: int,
        seconds: float,
        cancellation: Cancellation,
    ) -> SqlAnswer:
        with self.file.reading() as cursor:
            return explorer.answer(
                cursor, text, parameters, row_limit=row_limit, seconds=seconds, cancellation=cancellation
            )

    def prune(self, limits: Limits, *, now_ns: int, dry_run: bool, stop: threading.Event) -> Pruned:
        try:
            return pruning.prune(self.file, limits, now_ns=now_ns, dry_run=dry_run, stop=stop)
        except duckdb.Error as error:
            raise StoreError(f"{self.path} cannot be pruned: {damage.words(error)}") from error

    def bytes_on_disk(self) -> int:
        return self.file.bytes_on_disk()
