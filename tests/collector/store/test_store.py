"""The file: opened, refused, written once, asked safely."""

import threading

import duckdb
import pytest

from collector.errors import StoreError, StoreLocked, StoreTooNew, StoreUnreadable
from collector.parameters import OneTrace, TraceFilter
from collector.queries import trace_summary, traces
from collector.spans import otlp
from collector.store.duckdb.store import SCHEMA_VERSION, DuckdbStore
from tests.collector.running import EVERYTHING, CollectorProcess
from tests.otlp_traces import NOON, SECOND, all_traces, export_request, moa_trace, span, trace_hex


def test_a_new_folder_gets_an_empty_store(tmp_path):
    store = DuckdbStore.open(tmp_path / "some" / "data's folder")

    assert store.path.exists()
    assert traces(store, TraceFilter(**EVERYTHING)).num_rows == 0
    store.close()


def test_what_was_landed_is_there_after_reopening(tmp_path):
    store = DuckdbStore.open(tmp_path)
    batch = otlp.batch_of(export_request(moa_trace()))
    store.land(batch)
    store.close()

    reopened = DuckdbStore.open(tmp_path)

    [summary] = trace_summary(reopened, OneTrace(trace_id=trace_hex(1))).to_pylist()
    assert (summary["spans"], summary["cost_usd"]) == (7, 0.10)
    reopened.close()


def test_a_span_delivered_twice_is_stored_once(store, land):
    before = land(all_traces())
    page = traces(store, TraceFilter(**EVERYTHING))

    assert before == 21
    assert land(all_traces()) == 0
    assert traces(store, TraceFilter(**EVERYTHING)) == page


def test_a_span_twice_in_one_batch_is_stored_once(land):
    assert land([*moa_trace(), *moa_trace()]) == 7


def test_only_the_new_spans_of_a_batch_are_added(store, land):
    spans = moa_trace()
    land(spans[:3])

    assert land(spans) == 4
    [summary] = trace_summary(store, OneTrace(trace_id=trace_hex(1))).to_pylist()
    assert (summary["spans"], summary["calls"], summary["input_tokens"]) == (7, 4, 1000)


def test_spans_in_any_order_make_the_same_trace(store, land):
    for each in moa_trace(1):
        land([each])
    for each in reversed(moa_trace(2)):
        land([each])
    land(moa_trace(3))

    summaries = [trace_summary(store, OneTrace(trace_id=trace_hex(n))).to_pylist()[0] for n in (1, 2, 3)]

    for summary in summaries:
        del summary["trace_id"]
        summary["cost_usd"] = round(summary["cost_usd"], 12)
    assert summaries[0] == summaries[1] == summaries[2]
    assert summaries[0]["root_name"] == "invoke_workflow moa"
    assert summaries[0]["strategy"] == "moa"


def test_the_same_span_id_in_two_traces_is_two_spans(land):
    assert land([span("a", trace=1, number=5), span("a", trace=2, number=5)]) == 2


def test_a_resource_is_kept_once(store, land, tmp_path):
    land(moa_trace(1))
    land(moa_trace(2))
    land(moa_trace(3), resource={"service.name": "other"})
    path = store.path
    store.close()

    with duckdb.connect(str(path)) as connection:
        services = connection.execute(
            "select attributes ->> 'service.name' from resources order by 1"
        ).fetchall()
    assert services == [("composite-llm",), ("other",)]


def test_a_store_of_a_later_version_is_refused_and_left_alone(tmp_path):
    store = DuckdbStore.open(tmp_path)
    store.close()
    later = SCHEMA_VERSION + 1
    with duckdb.connect(str(store.path)) as connection:
        connection.execute(f"update meta set value = '{later}' where key = 'schema_version'")
    before = store.path.read_bytes()

    with pytest.raises(StoreTooNew, match=f"schema version {later}"):
        DuckdbStore.open(tmp_path)
    assert store.path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a database", b"x" * 100_000])
def test_a_damaged_file_is_refused_and_never_overwritten(tmp_path, content):
    path = tmp_path / "traces.duckdb"
    path.write_bytes(content)

    with pytest.raises(StoreUnreadable, match="It was left as it is"):
        DuckdbStore.open(tmp_path)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused(tmp_path):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{tmp_path}/traces.duckdb' as other (storage_version 'v1.5.0')")
        connection.execute("create table other.customers(name varchar)")

    with pytest.raises(StoreUnreadable, match="other tables"):
        DuckdbStore.open(tmp_path)


def test_a_store_held_by_another_process_is_refused_with_its_process_id(tmp_path):
    with (
        CollectorProcess(tmp_path) as holder,
        pytest.raises(StoreLocked, match=f"process {holder.pid}") as refusal,
    ):
        DuckdbStore.open(tmp_path)
    assert refusal.value.pid == holder.pid


def test_a_question_cannot_write(store):
    with store.file.reading() as cursor, pytest.raises(duckdb.Error, match="read-only|Cannot write"):
        cursor.execute("insert into meta values ('a', 'b')")


def test_a_question_cannot_reach_another_file(store, tmp_path):
    other = tmp_path / "secret.csv"
    other.write_text("a,b\n1,2\n")

    for statement in (
        f"select * from read_csv('{other}')",
        f"select * from '{other}'",
        f"attach '{tmp_path}/new.duckdb'",
        f"copy (select 1) to '{tmp_path}/out.csv'",
        "set enable_external_access = true",
        "install httpfs",
    ):
        with store.file.reading() as cursor, pytest.raises(duckdb.Error):
            cursor.execute(statement)


def test_a_closed_store_answers_with_an_error_of_ours(store):
    store.close()

    with pytest.raises(StoreError):
        store.ask("strategies", {})
    with pytest.raises(StoreError):
        store.land(otlp.batch_of(export_request(moa_trace())))


def test_questions_are_answered_while_spans_are_landed(store, land):
    asked = []
    done = threading.Event()

    def ask():
        while not done.is_set():
            counts = store.ask("store_counts", {}).to_pylist()[0]
            # Spans and their sums are written together, so no look ever sees a part of a trace.
            assert counts["spans"] == 7 * counts["traces"]
            asked.append(counts)

    readers = [threading.Thread(target=ask) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 41):
        land(moa_trace(number, start_ns=NOON + number * SECOND))
    done.set()
    for reader in readers:
        reader.join()

    assert asked
    assert store.ask("store_counts", {}).to_pylist()[0]["traces"] == 40


def test_hostile_numbers_break_no_sum(store, land):
    land(
        [
            span(
                "a",
                trace=1,
                number=1,
                attributes={"composite.span.type": "llm_call", "gen_ai.usage.input_tokens": 2**63 - 1},
            ),
            span(
                "b", trace=1, number=2, start_ns=0, duration_ms=1e13, attributes={"composite.cost.usd": 1e308}
            ),
            span("c", trace=1, number=3, start_ns=2**63 - 2),
        ]
    )

    [row] = store.ask("store_counts", {}).to_pylist()
    assert row["spans"] == 3
    assert trace_summary(store, OneTrace(trace_id=trace_hex(1))).num_rows == 1
    assert traces(store, TraceFilter(**EVERYTHING)).num_rows == 1


def test_storage_is_readable_by_an_older_duckdb(store):
    [(version,)] = store.file.connection.execute(
        "select tags['storage_version'] from duckdb_databases() where database_name = 'store'"
    ).fetchall()
    assert version.startswith("v1.5")


def test_the_same_span_with_another_start_is_the_same_span(store, land):
    land([span("a", start_ns=NOON, duration_ms=1, attributes={"composite.cost.usd": 0.1})])

    for start_ns in (NOON + 1, NOON - 1, NOON + 600 * 10**9, NOON - 600 * 10**9):
        assert land([span("a", start_ns=start_ns, duration_ms=1)]) == 0
    assert store.ask("store_counts", {}).to_pylist()[0]["spans"] == 1
