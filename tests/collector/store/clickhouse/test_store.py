"""What is special about a store that several collectors share. The engine is the real one."""

import threading
import time

import pytest

from collector import queries
from collector.errors import QuestionError, StoreNewer
from collector.parameters import Nothing, OneSpan, OneTrace, Window
from collector.retention.limits import Limits
from collector.spans import otlp
from collector.store import sql_answer
from collector.store.duckdb.cancellation import Cancellation
from tests.collector.running import EVERYTHING
from tests.otlp_traces import (
    DAY,
    NOON,
    SECOND,
    all_traces,
    export_request,
    foreign_trace,
    moa_trace,
    span,
    span_hex,
    trace_hex,
)

LIMITS = {"row_limit": 1000, "seconds": 10.0}


def batch(spans):
    return otlp.batch_of(export_request(spans))


def totals(store):
    [row] = queries.totals(store, Window(**EVERYTHING)).to_pylist()
    return row


def sql(store, text, parameters=(), **limits):
    return store.sql(text, dict(parameters), **(LIMITS | limits), cancellation=Cancellation())


def database(store):
    return store.location.rpartition("/")[2]


def test_a_repeated_delivery_changes_nothing(opened):
    store = opened()

    assert store.land(batch(all_traces())).num_rows == 21
    before = totals(store)

    assert store.land(batch(all_traces())).num_rows == 0
    assert totals(store) == before


def test_a_delivery_that_overlaps_an_earlier_one_adds_only_what_is_new(opened):
    store = opened()
    store.land(batch(moa_trace()[:3]))

    fresh = store.land(batch(moa_trace()))

    assert sorted(fresh["span_id"].to_pylist()) == [span_hex(number) for number in (1, 2, 6, 7)]
    assert totals(store)["calls"] == 4


def test_a_span_twice_in_one_delivery_is_stored_once(opened):
    store = opened()

    assert store.land(batch([*moa_trace(), *moa_trace()])).num_rows == 7


def test_collectors_that_store_the_same_spans_at_the_same_time_do_not_count_them_twice(opened):
    """As when both have looked what is stored before either has written."""
    alone, store = opened(), opened()
    alone.land(batch(all_traces()))
    store.land(batch(all_traces()))
    store._connection.command("system stop merges")
    store._connection.command("insert into spans select * from spans")

    [copies] = store._connection.query("select count() as n from spans", {}, {}).to_pylist()
    assert copies["n"] == 2 * 21
    assert totals(store) == totals(alone)
    for question in (queries.strategies, queries.models, queries.store_counts):
        assert question(store, Nothing()).to_pylist() == question(alone, Nothing()).to_pylist()
    spans = queries.trace_spans(store, OneTrace(trace_id=trace_hex(1)))
    assert spans.num_rows == 7
    assert sql(store, "select count() as n from spans").table.to_pylist() == [{"n": 21}]


def test_two_collectors_share_a_database(opened):
    one = opened()
    other = opened(database(one))

    assert one.land(batch(moa_trace()[:4])).num_rows == 4
    assert other.land(batch(moa_trace())).num_rows == 3

    assert totals(one) == totals(other)
    assert totals(one)["calls"] == 4


def test_the_highest_revision_of_a_span_counts(opened):
    store = opened()
    store.land(batch(foreign_trace()))
    store._connection.command(
        "insert into spans select * replace (99 as input_tokens, 1 as revision) from spans"
    )
    store._connection.command(
        "insert into spans select * replace (0 as revision, 1 as input_tokens) from spans"
    )

    assert totals(store)["input_tokens"] == 99


def test_spans_of_many_days_come_in_one_delivery(opened):
    """ClickHouse alone refuses an insert of more than 100 partitions."""
    store = opened()
    spans = [span("late", trace=number + 1, start_ns=NOON - number * DAY) for number in range(150)]

    assert store.land(batch(spans)).num_rows == 150
    assert totals(store)["runs"] == 150


def test_spans_beyond_their_retention_go_and_absurdly_late_ones_stay(opened):
    store = opened(retention_days=30)
    year_2250 = 8_840_000_000 * 10**9
    now = time.time_ns()
    store.land(
        batch(
            [
                span("old", trace=1, start_ns=now - 31 * DAY),
                span("young", trace=2, start_ns=now - 29 * DAY),
                span("absurd", trace=3, start_ns=year_2250),
            ]
        )
    )

    store._connection.command("optimize table spans final")

    assert sorted(sql(store, "select name from spans").table["name"].to_pylist()) == ["absurd", "young"]


def test_retention_applies_to_what_is_there_already_and_is_said_once(opened):
    store = opened()
    now = time.time_ns()
    store.land(batch([span("old", trace=1, start_ns=now - 31 * DAY), span("young", trace=2, start_ns=now)]))

    for days in (40, 30, 30):
        limited = opened(database(store), retention_days=days)
        limited.bytes_on_disk()
    limited._connection.command("optimize table spans final")

    assert sql(store, "select name from spans").table["name"].to_pylist() == ["young"]
    [changes] = store._connection.query(
        "select count() as n from system.mutations where table = 'spans' and database = currentDatabase()",
        {},
        {},
    ).to_pylist()
    assert changes["n"] <= 2


@pytest.mark.parametrize("limits", [Limits(keep_seconds=3600), Limits(max_bytes=1)])
def test_pruning_takes_whole_traces_and_their_space(opened, limits):
    store = opened()
    store.land(batch([each for number in range(1, 201) for each in moa_trace(number)]))
    store.land(batch(moa_trace(201, start_ns=NOON + 2 * 3600 * SECOND)))
    before = store.bytes_on_disk()

    pruned = store.prune(limits, now_ns=NOON + 2 * 3600 * SECOND, dry_run=False, stop=threading.Event())

    left = 0 if limits.max_bytes else 1
    assert (pruned.traces, pruned.spans) == (201 - left, 7 * (201 - left))
    assert totals(store)["runs"] == left
    assert store.bytes_on_disk() == pruned.store_bytes_after < before == pruned.store_bytes_before
    [starts] = store._connection.query("select count() as n from trace_bounds", {}, {}).to_pylist()
    assert starts["n"] == left


def test_each_day_is_a_partition(opened):
    store = opened()
    store.land(batch([*moa_trace(1), *moa_trace(2, start_ns=NOON + DAY)]))

    parts = store._connection.query(
        "select distinct partition from system.parts where table = 'spans' and database = currentDatabase() "
        "order by partition",
        {},
        {},
    )

    assert parts["partition"].to_pylist() == ["20260927", "20260928"]
    assert store.bytes_on_disk() > 0


def test_content_and_bytes_come_back_as_they_came(opened):
    store = opened()
    odd = span("odd", attributes={"raw": b"\xff\x00", "text": "a'b\\n\n\x01 ü 日本 {x:String}"})
    store.land(batch([odd]))

    [detail] = queries.span_detail(store, OneSpan(trace_id=trace_hex(1), span_id=span_hex(1))).to_pylist()
    [whole] = store.ask(
        "trace_otlp", {"trace_id": trace_hex(1), "first_ns": 0, "last_ns": 2**63 - 1}
    ).to_pylist()

    assert "a'b\\\\n\\n\\u0001 ü 日本 {x:String}" in detail["attributes"]
    assert whole["otlp"] == odd.SerializeToString()
    assert whole["resource_otlp"] == export_request([]).resource_spans[0].resource.SerializeToString()


def test_tables_of_a_later_version_are_refused(opened):
    store = opened()
    store.land(batch(moa_trace()))
    store._connection.command("insert into meta values ('schema_version', '99')")

    with pytest.raises(StoreNewer, match="has schema version 99"):
        opened(database(store)).bytes_on_disk()


@pytest.mark.parametrize(
    "statement",
    [
        "insert into spans (trace_id) values ('x')",
        "drop table spans",
        "alter table spans delete where 1",
        "select * from file('/etc/passwd', 'LineAsString')",
        "select * from url('http://127.0.0.1:1/', 'LineAsString')",
        "select * from remote('127.0.0.1', system, one)",
        "select 1 settings readonly = 0",
        "select 1 settings max_execution_time = 0",
        "set max_execution_time = 0",
        "select 1; select 2",
        "select nothing from nowhere",
    ],
)
def test_hand_written_sql_only_reads(opened, statement):
    store = opened()
    store.land(batch(foreign_trace()))

    with pytest.raises(QuestionError):
        sql(store, statement)

    assert totals(store)["runs"] == 1


def test_hand_written_sql_is_cut_and_its_parameters_bound(opened):
    store = opened()
    store.land(batch(all_traces()))

    answer = sql(store, "select name from spans where name != $name order by 1", {"name": "'"}, row_limit=5)

    assert (answer.table.num_rows, answer.is_cut) == (5, True)
    assert sql(store, "select $n + 1 as m", {"n": 1}).table.to_pylist() == [{"m": 2}]


def test_hand_written_sql_that_answers_too_much_is_cut(opened, monkeypatch):
    store = opened()
    # Of its four columns, the empty texts have 9 bytes a row at the server and 4 in Arrow.
    wide = "select '' as a, '' as b, '' as c, toString(number) as d from numbers(100000)"
    monkeypatch.setattr(sql_answer, "MOST_BYTES", 1024 * 1024)
    by_bytes = sql(store, wide, row_limit=100_000)
    monkeypatch.setattr(sql_answer, "MOST_VALUES", 10_000)
    by_values = sql(store, wide, row_limit=100_000)
    whole = sql(store, "select number from numbers(10000)", row_limit=10_000)
    none = sql(store, "select 1 as a where 0")

    assert by_bytes.is_cut
    assert 1024 * 1024 < by_bytes.table.nbytes < 1.2 * 1024 * 1024
    assert (by_values.table.num_rows, by_values.is_cut) == (2500, True)
    assert (whole.table.num_rows, whole.is_cut) == (10_000, False)
    assert (none.table.column_names, none.table.num_rows) == (["a"], 0)


def test_hand_written_sql_ends_in_time(opened):
    with pytest.raises(QuestionError, match="longer than 0.5 s"):
        sql(opened(), "select sum(cityHash64(number)) from numbers(1000000000000)", seconds=0.5)
