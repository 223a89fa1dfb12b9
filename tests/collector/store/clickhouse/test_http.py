"""The way to a server: the client the collector uses, over a socket, to the engine behind ClickHouse's HTTP."""

import itertools
import logging

import pytest

from collector import queries
from collector.errors import QuestionError, StoreError
from collector.parameters import Window
from collector.spans import otlp
from collector.store.clickhouse.address import ClickhouseAddress
from collector.store.clickhouse.store import ClickhouseStore
from collector.store.duckdb.cancellation import Cancellation
from tests.collector.running import EVERYTHING
from tests.collector.store.clickhouse.conftest import NUMBERS
from tests.collector.store.clickhouse.http_server import PASSWORD, USER, clickhouse_server
from tests.otlp_traces import all_traces, export_request


@pytest.fixture
def server(engine):
    with clickhouse_server() as running:
        yield running


@pytest.fixture
def address(server):
    return ClickhouseAddress("127.0.0.1", server.port, f"http_{next(NUMBERS)}", user=USER, password=PASSWORD)


@pytest.fixture
def store(address):
    opened = ClickhouseStore.open(address)
    yield opened
    opened.close()


def land(store):
    return store.land(otlp.batch_of(export_request(all_traces()))).num_rows


def test_spans_land_and_questions_answer_over_http(store):
    assert (land(store), land(store)) == (21, 0)

    [totals] = queries.totals(store, Window(**EVERYTHING, strategies=("moa", "it's"))).to_pylist()

    assert (totals["runs"], totals["calls"], totals["spend_usd"]) == (2, 6, pytest.approx(0.1))


def test_an_insert_is_waited_for(server, store):
    server.requests.clear()
    land(store)

    inserts = [given for given in server.requests if given.get("query", "").startswith("INSERT")]
    assert len(inserts) == 4  # resources, scopes, bounds of traces, spans
    assert {(given["async_insert"], given["wait_end_of_query"]) for given in inserts} == {("0", "1")}


def test_hand_written_sql_is_read_only_and_limited_over_http(store):
    land(store)

    def sql(text):
        return store.sql(text, {}, row_limit=3, seconds=10, cancellation=Cancellation())

    answer = sql("select name from spans order by name")
    assert (answer.table.num_rows, answer.is_cut) == (3, True)
    with pytest.raises(QuestionError, match="readonly"):
        sql("drop table spans")


def test_a_wrong_password_is_told_without_repeating_it(server, address):
    wrong = ClickhouseAddress("127.0.0.1", server.port, address.database, user=USER, password="hunter2")

    with pytest.raises(StoreError, match="Authentication failed") as refused:
        ClickhouseStore.open(wrong)

    assert "hunter2" not in str(refused.value)
    assert f"clickhouse://127.0.0.1:{server.port}/{address.database}" in str(refused.value)


@pytest.mark.parametrize("code", [241, 242, 252, 999])
def test_a_passing_fault_is_an_error_to_retry_and_the_repetition_stores_once(server, store, code):
    server.faults.append((code, "not now"))
    with pytest.raises(StoreError, match="not now"):
        land(store)

    assert land(store) == 21


@pytest.mark.parametrize("step", range(1, 7))
def test_a_fault_at_any_step_loses_and_doubles_nothing(server, store, step):
    """Look, resources, scopes, bounds, look, spans: whichever fails, the delivery is not acknowledged."""
    execute = server.execute
    steps = itertools.count(1)

    def failing(*given):
        if next(steps) == step:
            raise RuntimeError("Code: 210. DB::Exception: gone")
        return execute(*given)

    server.execute = failing
    with pytest.raises(StoreError, match="gone"):
        land(store)
    server.execute = execute

    land(store)
    [totals] = queries.totals(store, Window(**EVERYTHING)).to_pylist()
    assert (totals["runs"], totals["calls"]) == (4, 12)


def test_a_store_waits_for_a_server_that_is_away(engine, caplog):
    with clickhouse_server() as gone:
        port = gone.port
    address = ClickhouseAddress("127.0.0.1", port, f"http_{next(NUMBERS)}", user=USER, password=PASSWORD)
    with caplog.at_level(logging.WARNING):
        store = ClickhouseStore.open(address)
    [warning] = caplog.messages
    assert warning.startswith(f"ClickHouse at {address} does not answer: ")
    assert "efused" in warning
    assert warning.endswith("The collector runs, and senders are told to try again until it does.")
    with pytest.raises(StoreError, match="does not answer"):
        land(store)

    with clickhouse_server(address=("127.0.0.1", port)):
        store._connection._next_try = 0.0
        assert land(store) == 21
        store.close()
