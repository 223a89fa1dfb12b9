"""A copy of the store, made beside it while spans keep landing."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import duckdb
import pyarrow as pa

from collector.errors import StoreError
from collector.store.duckdb.open_file import OpenFile
from collector.store.duckdb.opening import ATTACHED_AS, attach, copy_of
from collector.store.duckdb.tables import Table, tables

NAME = "compacted"
FEW_TRACES = 1_000
"""So many are copied at once while everybody waits."""
MANY_TRACES = 8_000
"""So many are copied in one transaction."""
MOST_ROUNDS = 8
"""Copying is faster than landing, so rounds get shorter; a machine where it is not has to wait in the last."""
SECONDS_BETWEEN_LOOKS = 0.1


class Copy:
    """`everything`, then `catch_up`, then `finish` once nobody else is at the file; `abandon` in the end."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self._touched: set[str] = set()

    def everything(self, stop: Event) -> None:
        """All there is now; what lands from now on is remembered by its trace."""
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
                touched = self._taken()
            with self._file.cursor() as cursor:
                _copy_traces(cursor, touched)
            if len(touched) <= FEW_TRACES:
                return

    def finish(self) -> None:
        """The rest, when nobody reads or writes; the copy is complete and closed then."""
        cursor = self._file.connection.cursor()
        try:
            _copy_traces(cursor, self._taken())
            _copy_small_tables(cursor)
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
        self._touched.update(fresh["trace_id"].to_pylist())

    def _taken(self) -> set[str]:
        touched, self._touched = self._touched, set()
        return touched


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


def _copy_traces(cursor: duckdb.DuckDBPyConnection, touched: set[str]) -> None:
    """Whole traces, because what lands later may revise what is stored of the same trace."""
    ids = sorted(touched)
    for start in range(0, len(ids), MANY_TRACES):
        cursor.register("touched", pa.table({"trace_id": ids[start : start + MANY_TRACES]}))
        cursor.execute("begin transaction")
        [bounds] = cursor.execute(
            f"select coalesce(min(start_ns), 0), coalesce(max(end_ns), 0) from {ATTACHED_AS}.trace_parts "
            "where trace_id in (select trace_id from touched)"
        ).fetchall()
        for table in tables(cursor):
            if table.of_traces:
                _copy_rows(cursor, table, bounds)
        cursor.execute("commit")
        cursor.unregister("touched")


def _copy_rows(cursor: duckdb.DuckDBPyConnection, table: Table, bounds: tuple[int, int]) -> None:
    chosen = "trace_id in (select trace_id from touched)"
    if table.in_time:
        chosen += f" and start_ns between {bounds[0]} and {bounds[1]}"
    cursor.execute(f"delete from {NAME}.{table.name} where {chosen}")
    cursor.execute(
        f"insert into {NAME}.{table.name} by name select * from {ATTACHED_AS}.{table.name} where {chosen}"
    )


def _copy_small_tables(cursor: duckdb.DuckDBPyConnection) -> None:
    """Those that are not about traces, anew."""
    cursor.execute("begin transaction")
    for table in tables(cursor):
        if not table.of_traces:
            cursor.execute(f"delete from {NAME}.{table.name}")
            cursor.execute(f"insert into {NAME}.{table.name} by name from {ATTACHED_AS}.{table.name}")
    cursor.execute("commit")


def _check(cursor: duckdb.DuckDBPyConnection) -> None:
    """The parts of a trace may have been merged meanwhile, so they are not counted but added up."""
    counts = [
        f"(select {'sum(spans)' if table.name == 'trace_parts' else 'count(*)'} from {{0}}.{table.name})"
        for table in tables(cursor)
    ]
    there, here = (
        cursor.execute(f"select {', '.join(counts)}".format(name)).fetchall() for name in (ATTACHED_AS, NAME)
    )
    if there != here:
        raise StoreError(f"the copy holds {here[0]} rows and the store {there[0]}")
