"""Takes away the traces that ended longest ago, whole ones only; `retention_days` of the address does the same
without being asked, day by day and at no cost, and cuts a trace that runs over midnight."""

from threading import Event
from typing import Any

from collector.errors import StoreError
from collector.retention.limits import Limits, Pruned, PrunedDay
from collector.store import statements
from collector.store.clickhouse import schema as clickhouse_schema
from collector.store.clickhouse.connection import READING, ClickhouseConnection

LEFT_OF_MAXIMUM = 0.9
"""How far below its limit a store is brought, so that not every hour has to."""
BEFORE_ALL = -1
WRITTEN_ANEW: dict[str, Any] = {
    "mutations_sync": 1,
    # Replicas each decide what to delete; they hold the same spans.
    "allow_nondeterministic_mutations": 1,
}


def prune(
    connection: ClickhouseConnection, limits: Limits, *, now_ns: int, dry_run: bool, stop: Event
) -> Pruned:
    before = _bytes_on_disk(connection)
    last_ns = max(_last_by_age(limits, now_ns), _last_by_size(connection, limits, before))
    [kept] = _asked(connection, "kept", last_ns=last_ns)
    span_bytes = before / kept["spans"] if kept["spans"] else 0.0
    days = tuple(
        PrunedDay(bytes=round(day["spans"] * span_bytes), **day)
        for day in _asked(connection, "by_day", last_ns=last_ns)
    )
    if days and not dry_run:
        _remove(connection, last_ns, stop)
    return Pruned(
        dry_run=dry_run,
        at_ns=now_ns,
        traces=sum(day.traces for day in days),
        spans=sum(day.spans for day in days),
        bytes=sum(day.bytes for day in days),
        store_bytes_before=before,
        store_bytes_after=before if dry_run else _bytes_on_disk(connection),
        oldest_kept_ns=kept["oldest_kept_ns"],
        compacted=bool(days) and not dry_run,
        note="",
        days=days,
    )


def _last_by_age(limits: Limits, now_ns: int) -> int:
    return BEFORE_ALL if limits.keep_seconds is None else now_ns - int(limits.keep_seconds * 1e9) - 1


def _last_by_size(connection: ClickhouseConnection, limits: Limits, size: int) -> int:
    if limits.max_bytes is None or size <= limits.max_bytes:
        return BEFORE_ALL
    [all_spans] = _asked(connection, "kept", last_ns=BEFORE_ALL)
    excess = all_spans["spans"] * (1 - limits.max_bytes * LEFT_OF_MAXIMUM / size)
    [found] = _asked(connection, "last_by_size", excess_spans=excess)
    return BEFORE_ALL if found["last_ns"] is None else found["last_ns"]


def _remove(connection: ClickhouseConnection, last_ns: int, stop: Event) -> None:
    for statement in ("delete_spans", "delete_bounds"):
        if stop.is_set():
            raise StoreError("pruning was stopped; it goes on from there next time")
        connection.command(
            statements.pruning(statement, statements.CLICKHOUSE),
            parameters={"last_ns": last_ns},
            settings=WRITTEN_ANEW,
        )


def _asked(connection: ClickhouseConnection, name: str, **parameters: Any) -> list[dict[str, Any]]:
    return connection.query(statements.pruning(name, statements.CLICKHOUSE), parameters, READING).to_pylist()


def _bytes_on_disk(connection: ClickhouseConnection) -> int:
    [row] = connection.query(clickhouse_schema.BYTES_ON_DISK, {}, {}).to_pylist()
    return row["bytes"]
