"""A copy of the store, made beside it while spans keep landing."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import duckdb
import pyarrow as pa

from collector.errors import StoreError
from collector.store import landing, statements
from collector.store.open_file import OpenFile
from collector.store.opening import ATTACHED_AS, attach, copy_of

NAME = "compacted"
FEW_SPANS = 8_192
"""So many are copied at once while everybody waits."""
MANY_SPANS = 65_536
"""So many are copied in one transaction."""
MOST_ROUNDS = 8
"""Copying is faster than landing, so rounds get shorter; a machine where it is not has to wait in the last."""
SECONDS_BETWEEN_LOOKS = 0.1


class Copy:
    """`everything`, then `catch_up`, then `finish` once nobody else is at the file; `abandon` in the end."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._landed: list[pa.Table] = []

    def everything(self, stop: Event) -> None:
        """All there is now; what lands from now on is remembered by its ids."""
        with self._file.cursor() as cursor:
            attach(cursor, copy_of(self._file.path), NAME)
            with self._file.only_writer():
                self._file.on_landed = self._remember
                cursor.execute("begin transaction")
                # A transaction sees the store as it was at its first look.
                cursor.execute("select value from meta").fetchall()
            with _interrupted_by(stop, cursor):
                cursor.execute(f"copy from database {ATTACHED_AS} to {NAME}")
            cursor.execute("commit")

    def catch_up(self) -> None:
        """What has landed since, until little is left."""
        for _ in range(MOST_ROUNDS):
            with self._file.only_writer():
                landed = self._taken()
            with self._file.cursor() as cursor:
                _copy_spans(cursor, landed)
            if sum(table.num_rows for table in landed) <= FEW_SPANS:
                return

    def finish(self) -> None:
        """The rest, when nobody reads or writes; the copy is complete and closed then."""
        cursor = self._file.connection.cursor()
        try:
            _copy_spans(cursor, self._taken())
            _check(cursor)
            cursor.execute(f"use {ATTACHED_AS}")
            cursor.execute(f"checkpoint {NAME}")
            cursor.execute(f"detach {NAME}")
        finally:
            cursor.close()

    def abandon(self) -> None:
        self._file.on_landed = None
        with suppress(duckdb.Error, StoreError), self._file.cursor() as cursor:
            cursor.execute(f"detach database if exists {NAME}")

    def _remember(self, fresh: pa.Table) -> None:
        self._landed.append(fresh.select(["trace_id", "span_id", "start_ns"]))

    def _taken(self) -> list[pa.Table]:
        landed, self._landed = self._landed, []
        return landed


@contextmanager
def _interrupted_by(stop: Event, cursor: duckdb.DuckDBPyConnection) -> Generator[None]:
    """A large copy takes minutes, and a program that ends has seconds."""
    done = Event()

    def watch() -> None:
        while not done.wait(SECONDS_BETWEEN_LOOKS):
            if stop.is_set():
                cursor.interrupt()

    watching = Thread(target=watch, name="copy-stop", daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


def _copy_spans(cursor: duckdb.DuckDBPyConnection, landed: list[pa.Table]) -> None:
    """Lands them in the copy by the statements that landed them in the store."""
    if not landed:
        return
    ids = pa.concat_tables(landed)
    cursor.execute(f"use {NAME}")
    for source in ("resources", "scopes"):
        cursor.execute(
            f"create or replace temp view fresh_{source} as select * from {ATTACHED_AS}.main.{source}"
        )
    for start in range(0, ids.num_rows, MANY_SPANS):
        chosen = ids.slice(start, MANY_SPANS)
        cursor.register("chosen", chosen)
        [(first_ns, last_ns)] = cursor.execute("select min(start_ns), max(start_ns) from chosen").fetchall()
        cursor.execute(
            f"create or replace temp view fresh as select spans.* from {ATTACHED_AS}.main.spans as spans "
            "semi join chosen on spans.trace_id = chosen.trace_id and spans.span_id = chosen.span_id "
            f"where spans.start_ns between {first_ns} and {last_ns}"
        )
        cursor.execute("begin transaction")
        for statement in landing.STATEMENTS:
            cursor.execute(statements.landing(statement))
        cursor.execute("commit")
        cursor.unregister("chosen")


def _check(cursor: duckdb.DuckDBPyConnection) -> None:
    """Rows are not as many where a transaction's parts were added up, but the spans they count are."""
    counts = "select (select count(*) from {0}.spans), (select sum(spans) from {0}.trace_parts), " + (
        "(select count(*) from {0}.resources), (select count(*) from {0}.scopes)"
    )
    there, here = (cursor.execute(counts.format(f"{name}.main")).fetchall() for name in (ATTACHED_AS, NAME))
    if there != here:
        raise StoreError(f"the copy holds {here[0]} and the store {there[0]}")
