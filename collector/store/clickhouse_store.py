"""The trace store on a ClickHouse server, for more spans or more collectors than one machine holds.

Any number of collectors may share a database: two that land the same span store it twice for a while, and
every question reads with `final`, which makes the copies one.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from collector.batch import Batch
from collector.errors import UnstorableSpans
from collector.store import clickhouse_dialect, clickhouse_schema
from collector.store.clickhouse_address import ClickhouseAddress
from collector.store.clickhouse_connection import (
    ClickhouseAway,
    ClickhouseConnection,
    Connect,
    connected_to,
)
from collector.store.clickhouse_landing import ClickhouseLanding

log = logging.getLogger(__name__)

QUESTION_SECONDS = 30

READING: dict[str, Any] = {
    "max_execution_time": QUESTION_SECONDS,
    # Copies of a span count once, at any moment.
    "final": 1,
    "use_skip_indexes_if_final": 1,
    # A span's copies have the same start, so they lie in the same partition.
    "do_not_merge_across_partitions_select_final": 1,
    # The rest makes ClickHouse mean what SQL and DuckDB mean.
    "aggregate_functions_null_for_empty": 1,
    "join_use_nulls": 1,
    "cast_keep_nullable": 1,
    "prefer_column_name_to_alias": 1,
    "session_timezone": "UTC",
}


class ClickhouseStore:
    """Use `ClickhouseStore.open(address)`, and `close()` in the end."""

    def __init__(self, address: ClickhouseAddress, connect: Connect) -> None:
        self._address = address
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
    def location(self) -> str:
        return str(self._address)

    def close(self) -> None:
        self._connection.close()

    def land(self, batch: Batch) -> pa.Table:
        try:
            return self._landing.land(batch)
        except pa.ArrowInvalid as error:
            raise UnstorableSpans(str(error)) from error

    def ask(self, name: str, parameters: Mapping[str, object]) -> pa.Table:
        """The answer to the question `name`. Parameters are bound, never spliced into the text."""
        statement = clickhouse_dialect.statement(name, parameters)
        return clickhouse_dialect.as_duckdb_types(self._connection.query(statement, parameters, READING))

    def bytes_on_disk(self) -> int:
        [row] = self._connection.query(clickhouse_schema.BYTES_ON_DISK, {}, {}).to_pylist()
        return row["bytes"]

    def _prepare(self, client: Client) -> None:
        clickhouse_schema.prepare(client, self._address)
