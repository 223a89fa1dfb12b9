"""Takes away the traces that ended longest ago, whole ones only.

Both limits come down to one moment: a trace whose last span ended then or earlier goes. A span that arrives
for a trace after that is kept, as the orphan it is, until its own end is old enough.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Event

import duckdb
import pyarrow as pa

from collector.errors import StoreError
from collector.retention.limits import Limits, Pruned, PrunedDay
from collector.store import statements
from collector.store.duckdb import compaction
from collector.store.duckdb.compaction import Outcome
from collector.store.duckdb.open_file import OpenFile
from collector.store.duckdb.tables import tables

PORTION_SPANS = 20_000
"""A transaction's share: so few that ingest waits no longer for it than for a commit of its own."""
LEFT_OF_MAXIMUM = 0.9
"""How far below its limit a store is brought, so that not every hour has to."""
MOST_ROUNDS = 5
"""The share of the file that spans take is an estimate, so a store may need several looks to become small."""
BEFORE_ALL = -1
GOING = "delete from {} where trace_id in (select trace_id from going)"


@dataclass(frozen=True, slots=True)
class Plan:
    last_ns: int
    """Traces that ended at this moment or earlier go."""
    oldest_kept_ns: int | None
    days: tuple[PrunedDay, ...]


def prune(file: OpenFile, limits: Limits, *, now_ns: int, dry_run: bool, stop: Event) -> Pruned:
    """Raises StoreError once `stop` is set."""
    plan = _plan(file, limits, now_ns)
    before = file.bytes_on_disk()
    gone = [*plan.days]
    outcome = Outcome(done=False, note="")
    rounds = 0 if dry_run else MOST_ROUNDS
    for _ in range(rounds):
        _remove(file, plan.last_ns, stop)
        gone_bytes = sum(day.bytes for day in plan.days)
        compacted = compaction.compact_if_worth_it(file, limits.max_bytes, gone_bytes=gone_bytes, stop=stop)
        outcome = outcome.then(compacted)
        plan = _plan(file, limits, now_ns)
        # Only of a file made anew does its size say how much is left in it.
        if not compacted.done or not plan.days:
            break
        gone += plan.days
    return Pruned(
        dry_run=dry_run,
        at_ns=now_ns,
        traces=sum(day.traces for day in gone),
        spans=sum(day.spans for day in gone),
        bytes=sum(day.bytes for day in gone),
        store_bytes_before=before,
        store_bytes_after=before if dry_run else file.bytes_on_disk(),
        oldest_kept_ns=plan.oldest_kept_ns,
        compacted=outcome.done,
        note=outcome.note,
        days=_together(gone),
    )


def _plan(file: OpenFile, limits: Limits, now_ns: int) -> Plan:
    file.checkpoint()  # What is in the log still has no size.
    used_bytes = file.blocks().used_bytes
    excess = _excess(limits, file.bytes_on_disk(), used_bytes)
    with file.reading() as cursor:
        spans = _number(cursor, "select count(*) from spans") or 0
        last_ns = max(_last_by_age(limits, now_ns), _last_by_size(cursor, excess * spans))
        oldest_kept_ns = _number(cursor, statements.pruning("kept"), last_ns=last_ns)
        found = cursor.execute(statements.pruning("by_day"), {"last_ns": last_ns}).fetchall()
    span_bytes = used_bytes / spans if spans else 0.0
    days = tuple(PrunedDay(day, traces, many, round(many * span_bytes)) for day, traces, many in found)
    return Plan(last_ns, oldest_kept_ns, days)


def _last_by_age(limits: Limits, now_ns: int) -> int:
    return BEFORE_ALL if limits.keep_seconds is None else now_ns - int(limits.keep_seconds * 1e9) - 1


def _excess(limits: Limits, file_bytes: int, used_bytes: int) -> float:
    """The share of the spans that has to go."""
    if limits.max_bytes is None or file_bytes <= limits.max_bytes or not used_bytes:
        return 0.0
    return max(0.0, 1 - limits.max_bytes * LEFT_OF_MAXIMUM / used_bytes)


def _last_by_size(cursor: duckdb.DuckDBPyConnection, excess_spans: float) -> int:
    last_ns = _number(cursor, statements.pruning("last_by_size"), excess_spans=excess_spans)
    return BEFORE_ALL if last_ns is None else last_ns


def _remove(file: OpenFile, last_ns: int, stop: Event) -> None:
    """In many small transactions, so that ingest goes on beside it."""
    for portion in _portions(file, last_ns):
        if stop.is_set():
            raise StoreError("pruning was stopped; it goes on from there next time")
        _remove_portion(file, portion, last_ns)
    with file.writing() as cursor:
        cursor.execute(statements.pruning("resources"))
        cursor.execute(statements.pruning("scopes"))


def _remove_portion(file: OpenFile, portion: pa.Table, last_ns: int) -> None:
    with file.writing() as cursor:
        cursor.register("portion", portion)
        going = cursor.sql(statements.pruning("going"), params={"last_ns": last_ns}).to_arrow_table()
        cursor.unregister("portion")
        if going.num_rows:
            _delete(cursor, going)


def _portions(file: OpenFile, last_ns: int) -> Iterator[pa.Table]:
    with file.reading() as cursor:
        parameters = {"last_ns": last_ns, "portion_spans": PORTION_SPANS}
        portions = cursor.sql(statements.pruning("portions"), params=parameters).to_arrow_table()
    for traces in portions["trace_ids"]:
        yield pa.table({"trace_id": traces.values})


def _delete(cursor: duckdb.DuckDBPyConnection, going: pa.Table) -> None:
    cursor.register("going", going)
    [bounds] = cursor.execute("select min(start_ns), max(end_ns) from going").fetchall()
    for table in tables(cursor):
        if table.in_time and table.of_traces:
            bounded = f"{GOING.format(table.name)} and start_ns between $first_ns and $last_ns"
            cursor.execute(bounded, {"first_ns": bounds[0], "last_ns": bounds[1]})
        elif table.of_traces:
            cursor.execute(GOING.format(table.name))
    cursor.unregister("going")


def _together(days: Iterable[PrunedDay]) -> tuple[PrunedDay, ...]:
    by_day: dict[str, list[PrunedDay]] = defaultdict(list)
    for day in days:
        by_day[day.day].append(day)
    return tuple(
        PrunedDay(day, sum(p.traces for p in parts), sum(p.spans for p in parts), sum(p.bytes for p in parts))
        for day, parts in sorted(by_day.items())
    )


def _number(cursor: duckdb.DuckDBPyConnection, statement: str, **parameters: float) -> int | None:
    found = cursor.execute(statement, parameters).fetchall()
    return found[0][0]
