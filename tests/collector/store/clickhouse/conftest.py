"""The real ClickHouse engine inside this process (chdb), through the client the collector uses."""

import itertools
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from collector.store.clickhouse.address import ClickhouseAddress
from collector.store.clickhouse.store import ClickhouseStore

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def engine():
    pytest.importorskip("chdb", reason="chdb is not installed: make test-clickhouse")
    from clickhouse_connect import get_client

    # chdb ends with its last client; this one stays until the last test.
    with get_client(interface="chdb") as client:
        yield client


@pytest.fixture(scope="module")
def opened(engine) -> Iterator[Callable[..., ClickhouseStore]]:
    """Opens a store in a database of its own, or a further one in the database named."""
    from clickhouse_connect import get_client

    stores: list[ClickhouseStore] = []

    def new_store(database: str = "", **options) -> ClickhouseStore:
        database = database or f"test_{next(NUMBERS)}"
        engine.command(f"create database if not exists {database}")
        address = ClickhouseAddress("localhost", 0, database, **options)
        store = ClickhouseStore(address, partial(get_client, interface="chdb", database=database))
        stores.append(store)
        return store

    yield new_store
    for store in stores:
        store.close()
