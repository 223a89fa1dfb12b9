"""A ClickHouse server as a client of it sees it: away, refusing, or answering in Arrow."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import pyarrow as pa
from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, Error

from collector.errors import CollectorError, QuestionError, StoreError, UnstorableSpans
from collector.store.clickhouse.address import ClickhouseAddress

# Both report every fault of the network, with less of its meaning than our own error says.
logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)

CONNECT_SECONDS = 5
ANSWER_SECONDS = 60
SECONDS_BETWEEN_TRIES = 1.0
LONGEST_MESSAGE = 500
IDS_A_LOOK = 1000
"""The server takes no form field of more than 128 KiB."""

UNKNOWN_DATABASE = 81
TIMED_OUT = frozenset({159, 160})
CANCELLED = 394
UNSTORABLE = frozenset({6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 131, 321, 349})
"""The server's codes for values it cannot parse, convert or hold; any other fault may pass."""

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


class Connect(Protocol):
    """Opens a client of the database, whose queries all have these settings."""

    def __call__(self, *, settings: dict[str, Any] | None = None) -> Client: ...


class ClickhouseConnection:
    """Connects when first needed and again after a fault, so that a collector outlives its server's restarts."""

    def __init__(
        self, address: ClickhouseAddress, connect: Connect, prepare: Callable[[Client], None]
    ) -> None:
        self._address = address
        self._connect = connect
        self._prepare = prepare
        self._client: Client | None = None
        self._connecting = threading.Lock()
        self._next_try = 0.0
        self._last_fault: CollectorError | None = None

    def command(self, statement: str, **options: Any) -> None:
        self._run(lambda client: client.command(statement, **options))

    def query(self, statement: str, parameters: Mapping[str, object], settings: dict[str, Any]) -> pa.Table:
        return self._run(
            lambda client: client.query_arrow(
                statement, parameters=dict(parameters), settings=settings, use_strings=True
            )
        )

    def insert(self, table: str, rows: pa.Table, settings: dict[str, Any]) -> None:
        self._run(lambda client: client.insert_arrow(table, rows, settings=settings))

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _run(self, act: Callable[[Client], Any]) -> Any:
        client = self._connected()
        try:
            return act(client)
        except ClickHouseError as error:
            raise fault(error, self._address) from error

    def _connected(self) -> Client:
        with self._connecting:
            if self._client is None:
                # Everybody waits here while one tries, so those behind a failure share its answer.
                if self._last_fault is not None and time.monotonic() < self._next_try:
                    raise self._last_fault
                self._client = self._prepared()
            return self._client

    def _prepared(self) -> Client:
        try:
            client = self._connect()
            try:
                self._prepare(client)
            except BaseException:  # whatever went wrong, the connection must be let go
                client.close()
                raise
        except ClickHouseError as error:
            self._next_try = time.monotonic() + SECONDS_BETWEEN_TRIES
            self._last_fault = found = fault(error, self._address)
            raise found from error
        self._last_fault = None
        return client


class ClickhouseAway(StoreError):
    """No answer from the server: trying again may help."""


def connected_to(address: ClickhouseAddress, *, settings: dict[str, Any] | None = None) -> Client:
    """A client of the database at `address`, which is made if absent."""
    try:
        return _client(address, address.database, settings)
    except Error as error:
        if error.code != UNKNOWN_DATABASE:
            raise
    with _client(address, "", None) as client:
        # The name is a plain word: ClickhouseAddress takes no other.
        client.command(f"create database if not exists {address.database}")
    return _client(address, address.database, settings)


def _client(address: ClickhouseAddress, database: str, settings: dict[str, Any] | None) -> Client:
    return get_client(
        host=address.host,
        port=address.port,
        username=address.user,
        password=address.password,
        database=database,
        settings=settings,
        secure=address.secure,
        verify=address.verify,
        ca_cert=address.ca_cert or None,
        connect_timeout=CONNECT_SECONDS,
        send_receive_timeout=ANSWER_SECONDS,
        client_name="composite-llm",
        # Without the address line, which holds bound values.
        show_clickhouse_errors="scrub",
        # Sessions are for one thread each; without one, threads may share the client.
        autogenerate_session_id=False,
        # Ids of thousands of traces do not fit an address line.
        form_encode_query_params=True,
    )


def fault(error: ClickHouseError, address: ClickhouseAddress) -> CollectorError:
    """What the client's error means for whoever asked."""
    code = getattr(error, "code", None)
    said = first_line(error)
    if code is None:
        return ClickhouseAway(f"ClickHouse at {address} does not answer: {_network_fault(error)}")
    if code in TIMED_OUT:
        return QuestionError(f"ClickHouse stopped the question after its time limit; ask for less ({said})")
    if code == CANCELLED:
        return QuestionError(f"ClickHouse stopped the question, as it was told to ({said})")
    if code in UNSTORABLE:
        return UnstorableSpans(f"ClickHouse refuses the values: {said}")
    return StoreError(f"ClickHouse at {address} refuses: {said}")


def _network_fault(error: BaseException) -> str:
    """The innermost reason: what is around it repeats the address several times."""
    while isinstance(reason := getattr(error, "reason", None) or error.__cause__, BaseException):
        error = reason
    return first_line(error).rpartition(": ")[2]


def first_line(error: BaseException) -> str:
    """What matters of it: the server repeats the whole statement."""
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:LONGEST_MESSAGE]
