"""The trace store on a ClickHouse server, for more spans or more collectors than one machine holds.

Any number of collectors may share a database: two that land the same span store it twice for a while, and
every question reads with `final`, which makes the copies one.
"""

import logging
import uuid
from collections.abc import Mapping
from functools import partial
from threading import Event

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from collector.errors import UnstorableSpans
from collector.retention.limits import Limits, Pruned
from collector.spans.batch import Batch
from collector.store.clickhouse import dialect as clickhouse_dialect
from collector.store.clickhouse import explorer as clickhouse_explorer
from collector.store.clickhouse import pruning as clickhouse_pruning
from collector.store.clickhouse import schema as clickhouse_schema
from collector.store.clickhouse.address import ClickhouseAddress
from collector.store.clickhouse.connection import (
    QUESTION_SECONDS,
    READING,
    ClickhouseAway,
    ClickhouseConnection,
    Connect,
    connected_to,
)
from collector.store.clickhouse.exported import ExportedSpans
from collector.store.clickhouse.landing import ClickhouseLanding
from collector.store.duckdb.cancellation import Cancellation
from collector.store.sql_answer import SqlAnswer

log = logging.getLogger(__name__)


class ClickhouseStore:
    """Use `ClickhouseStore.open(address)`, and `close()` in the end."""

    def __init__(self, address: ClickhouseAddress, connect: Connect) -> None:
        self._address = address
        self._connect = connect
        self._connection = ClickhouseConnection(address, connect, self._prepare)
        self._landing = ClickhouseLanding(self._connection)

    @classmethod
    def open(cls, address: ClickhouseAddress) -> "ClickhouseStore":
        """A server that is away is waited for: senders are told to try again until it is back."""
        store = cls(address, partial(connected_to, address))
        try:
            store.bytes_on_disk()
        except ClickhouseAway as error:
            log.warning("%s. The collector runs, and senders are told to try again until it does.", error)
        return store

    @property
    def exported(self) -> ExportedSpans | None:
        """Where the OpenTelemetry Collector's exporter writes, if the address names it."""
        if not self._address.otel_table:
            return None
        database, _, table = self._address.otel_table.rpartition(".")
        return ExportedSpans(
            self._connection,
            database or self._address.database,
            table,
            retention_days=self._address.retention_days,
        )

    @property
    def location(self) -> str:
        return str(self._address)

    def close(self) -> None:
        self._connection.close()

    def land(self, batch: Batch) -> pa.Table:
        try:
            return self._landing.land(batch)
        except pa.ArrowInvalid as error:
            raise UnstorableSpans(str(error)) from error

    def ask(
        self, name: str, parameters: Mapping[str, object], cancellation: Cancellation | None = None
    ) -> pa.Table:
        """The answer to the question `name`. Parameters are bound, never spliced into the text."""
        statement = clickhouse_dialect.statement(name, parameters)
        asked, query_id = cancellation or Cancellation(), uuid.uuid4().hex
        settings = READING | {"query_id": query_id}
        # After its time limit the server stops by itself.
        with asked.watched(partial(clickhouse_explorer.kill, self._connect, query_id), QUESTION_SECONDS + 1):
            answer = self._connection.query(statement, parameters, settings)
        return clickhouse_dialect.as_duckdb_types(answer)

    def statement(self, name: str, parameters: Mapping[str, object]) -> str:
        return clickhouse_dialect.with_values(name, parameters)

    def sql(
        self,
        text: str,
        parameters: Mapping[str, object] | list[object],
        *,
        row_limit: int,
        seconds: float,
        cancellation: Cancellation,
    ) -> SqlAnswer:
        return clickhouse_explorer.answer(
            self._connect,
            text,
            parameters,
            row_limit=row_limit,
            seconds=seconds,
            cancellation=cancellation,
        )

    def prune(self, limits: Limits, *, now_ns: int, dry_run: bool, stop: Event) -> Pruned:
        return clickhouse_pruning.prune(self._connection, limits, now_ns=now_ns, dry_run=dry_run, stop=stop)

    def bytes_on_disk(self) -> int:
        [row] = self._connection.query(clickhouse_schema.BYTES_ON_DISK, {}, {}).to_pylist()
        return row["bytes"]

    def _prepare(self, client: Client) -> None:
        clickhouse_schema.prepare(client, self._address)
