"""The open file: who reads, who writes, and how it is exchanged for another while everybody waits."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from collector.errors import StoreError
from collector.store.duckdb.gate import Gate
from collector.store.duckdb.opening import ATTACHED_AS, opened, size_of, wal_of

PATIENCE_SECONDS = 8.0
"""How long anybody waits while the file is exchanged: less than senders wait for an answer."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """How much of the file is in use, as of its last checkpoint."""

    used_bytes: int
    free_bytes: int


class OpenFile:
    """One thread writes at a time; everybody works on a cursor of their own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = opened(path)
        self._gate = Gate()
        self._one_writer = threading.Lock()
        self._opening = threading.Lock()
        self._is_open = True
        self.on_landed: Callable[[pa.Table], None] | None = None
        """Told of the new rows of every batch once they are committed, before anybody else may write."""

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def reading(self) -> Generator[duckdb.DuckDBPyConnection]:
        """A transaction that rejects writes."""
        with self.cursor() as cursor:
            cursor.execute("begin transaction read only")
            yield cursor

    @contextmanager
    def writing(self) -> Generator[duckdb.DuckDBPyConnection]:
        """A transaction that is committed if the block ends well, and rolled back otherwise."""
        with self.only_writer() as cursor:
            cursor.execute("begin transaction")
            yield cursor
            cursor.execute("commit")

    def land(self, landing: Callable[[duckdb.DuckDBPyConnection], pa.Table]) -> pa.Table:
        """Runs `landing` in a transaction; the new rows it answers with."""
        with self.only_writer() as cursor:
            cursor.execute("begin transaction")
            fresh = landing(cursor)
            cursor.execute("commit")
            if self.on_landed:
                self.on_landed(fresh)
        return fresh

    @contextmanager
    def only_writer(self) -> Generator[duckdb.DuckDBPyConnection]:
        """A cursor outside any transaction, while nobody else writes."""
        with self.cursor() as cursor, self._one_writer:
            yield cursor

    @contextmanager
    def cursor(self) -> Generator[duckdb.DuckDBPyConnection]:
        """Closing a cursor rolls back what it has not committed."""
        with self._gate.shared(PATIENCE_SECONDS):
            self._open_if_closed()
            cursor = self.connection.cursor()
            try:
                cursor.execute(f"use {ATTACHED_AS}")
                yield cursor
            finally:
                cursor.close()

    @contextmanager
    def alone(self, patience: float) -> Generator[None]:
        """Nobody reads or writes meanwhile. Raises StoreBusy if somebody does for longer than `patience`."""
        with self._gate.alone(patience):
            yield

    def reopen(self, meanwhile: Callable[[], None]) -> None:
        """Close the file, do something to it, and open what is there then; to be called when alone."""
        self.connection.close()
        self._is_open = False
        try:
            meanwhile()
        finally:
            self._open_if_closed()

    def _open_if_closed(self) -> None:
        """What kept the file from being opened after an exchange, such as a full disk, may have passed."""
        with self._opening:
            if self._is_open:
                return
            try:
                self.connection = opened(self.path)
            except (StoreError, duckdb.Error, OSError) as error:
                raise StoreError(
                    f"{self.path} could not be opened again after it was exchanged, which every request tries "
                    f"anew: {error}"
                ) from error
            self._is_open = True

    def checkpoint(self) -> None:
        """Move what the log holds into the file. Readers go on, writers wait."""
        with self.only_writer() as cursor:
            cursor.execute(f"checkpoint {ATTACHED_AS}")

    def blocks(self) -> Blocks:
        with self.cursor() as cursor:
            found = cursor.execute(
                "select block_size, used_blocks, free_blocks from pragma_database_size() where database_name = $name",
                {"name": ATTACHED_AS},
            ).fetchone()
        assert found is not None
        block_size, used, free = found
        return Blocks(used * block_size, free * block_size)

    def bytes_on_disk(self) -> int:
        return sum(size_of(file) for file in (self.path, wal_of(self.path)))
