"""Tables as the OpenTelemetry Collector's ClickHouse exporter makes and fills them."""

import time

import pytest

from collector import queries
from collector.exported_landing import ExportedLanding
from collector.group_commit import GroupCommit
from collector.intake import Intake
from collector.parameters import OneSpan, OneTrace, Window
from collector.spans import otlp
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING, wait_until
from tests.otlp_traces import DAY, MS, NOON, all_traces, export_request, foreign_trace, span_hex, trace_hex

EXPORTERS_TABLE = """
create table otel_traces (
    Timestamp DateTime64(9) codec(Delta, ZSTD(1)),
    TraceId String codec(ZSTD(1)),
    SpanId String codec(ZSTD(1)),
    ParentSpanId String codec(ZSTD(1)),
    TraceState String codec(ZSTD(1)),
    SpanName LowCardinality(String) codec(ZSTD(1)),
    SpanKind LowCardinality(String) codec(ZSTD(1)),
    ServiceName LowCardinality(String) codec(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) codec(ZSTD(1)),
    ScopeName String codec(ZSTD(1)),
    ScopeVersion String codec(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) codec(ZSTD(1)),
    Duration UInt64 codec(ZSTD(1)),
    StatusCode LowCardinality(String) codec(ZSTD(1)),
    StatusMessage String codec(ZSTD(1)),
    Events Nested (
        Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String)
    ) codec(ZSTD(1)),
    Links Nested (
        TraceId String, SpanId String, TraceState String, Attributes Map(LowCardinality(String), String)
    ) codec(ZSTD(1)),
    index idx_trace_id TraceId type bloom_filter(0.001) granularity 1
)
engine = MergeTree
partition by toDate(Timestamp)
order by (ServiceName, SpanName, toDateTime(Timestamp))
"""

OFTEN = {"look_seconds": 0.05, "sweep_seconds": 0.05}
KINDS = ("Unspecified", "Internal", "Server", "Client", "Producer", "Consumer")
CODES = ("Unset", "Ok", "Error")


def as_text(value):
    """As the exporter writes a value: every kind of it as text."""
    match value.WhichOneof("value"):
        case "bool_value":
            return "true" if value.bool_value else "false"
        case "int_value":
            return str(value.int_value)
        case "double_value":
            return f"{value.double_value:g}"
        case "array_value":
            return "[" + ",".join(f'"{item.string_value}"' for item in value.array_value.values) + "]"
    return value.string_value


def texts(pairs):
    return {pair.key: as_text(pair.value) for pair in pairs}


def written(client, database, spans):
    """Put spans into the exporter's table."""
    [resource_spans] = export_request(spans).resource_spans
    rows = [
        {
            "Timestamp": each.start_time_unix_nano,
            "TraceId": each.trace_id.hex(),
            "SpanId": each.span_id.hex(),
            "ParentSpanId": each.parent_span_id.hex(),
            "TraceState": each.trace_state,
            "SpanName": each.name,
            "SpanKind": KINDS[each.kind],
            "ServiceName": "composite-llm",
            "ResourceAttributes": texts(resource_spans.resource.attributes),
            "ScopeName": resource_spans.scope_spans[0].scope.name,
            "ScopeVersion": resource_spans.scope_spans[0].scope.version,
            "SpanAttributes": texts(each.attributes),
            "Duration": each.end_time_unix_nano - each.start_time_unix_nano,
            "StatusCode": CODES[each.status.code],
            "StatusMessage": each.status.message,
            "Events.Timestamp": [event.time_unix_nano for event in each.events],
            "Events.Name": [event.name for event in each.events],
            "Events.Attributes": [texts(event.attributes) for event in each.events],
            "Links.TraceId": [link.trace_id.hex() for link in each.links],
            "Links.SpanId": [link.span_id.hex() for link in each.links],
            "Links.TraceState": [link.trace_state for link in each.links],
            "Links.Attributes": [texts(link.attributes) for link in each.links],
        }
        for each in spans
    ]
    client.insert(
        f"{database}.otel_traces",
        [list(row.values()) for row in rows],
        column_names=list(rows[0]),
    )


@pytest.fixture
def store(engine, opened):
    """A store that takes over the exporter's table of its database."""
    opened_store = opened(otel_table="otel_traces")
    opened_store._connection.command(EXPORTERS_TABLE)
    return opened_store


@pytest.fixture
def landing(store):
    commits = GroupCommit(store)
    thread = ExportedLanding(store.exported, Intake(commits), **OFTEN)
    yield thread
    thread.close()
    commits.close()


def database(store):
    return store.location.rpartition("/")[2]


def totals(store):
    [row] = queries.totals(store, Window(**EVERYTHING)).to_pylist()
    return row


def test_questions_answer_over_what_the_exporter_wrote(engine, store, opened, landing):
    sent_here = opened()
    sent_here.land(otlp.batch_of(export_request(all_traces())))

    written(engine, database(store), all_traces())
    wait_until(lambda: totals(store)["runs"] == 4)

    for ask, parameters in (
        (queries.totals, Window(**EVERYTHING)),
        (queries.by_strategy, Window(**EVERYTHING)),
        (queries.trace_summary, OneTrace(trace_id=trace_hex(2))),
        (queries.trace_spans, OneTrace(trace_id=trace_hex(1))),
        (queries.trace_spans, OneTrace(trace_id=trace_hex(4))),
    ):
        assert ask(store, parameters).to_pylist() == ask(sent_here, parameters).to_pylist()


def test_a_span_keeps_its_events_links_and_words(engine, store, landing):
    written(engine, database(store), all_traces())
    wait_until(lambda: totals(store)["runs"] == 4)

    [failed] = queries.span_detail(store, OneSpan(trace_id=trace_hex(3), span_id=span_hex(3))).to_pylist()
    [linked] = queries.span_detail(store, OneSpan(trace_id=trace_hex(1), span_id=span_hex(7))).to_pylist()

    assert failed["status_message"] == "openai: 429 <script>alert('quota')</script>"
    assert f'"time_ns":{NOON + 2 * 60_000 * MS + 200 * MS}' in failed["events"]
    assert "litellm.exceptions.RateLimitError" in failed["events"]
    assert [span_hex(number) in linked["links"] for number in (3, 4, 5)] == [True] * 3
    assert c.CONSUMES in linked["links"]


def test_what_comes_later_is_found_and_nothing_is_taken_twice(engine, store, landing):
    whole = all_traces()
    written(engine, database(store), whole[:5])
    wait_until(lambda: totals(store)["runs"] == 1)
    written(engine, database(store), whole)
    wait_until(lambda: totals(store)["runs"] == 4)

    [spans] = store._connection.query("select count() as n from spans", {}, {}).to_pylist()
    assert spans["n"] == 21


def test_days_beyond_retention_are_not_taken_over_again_and_again(engine, opened):
    store = opened(otel_table="otel_traces", retention_days=30)
    store._connection.command(EXPORTERS_TABLE)
    now = time.time_ns()
    written(
        engine, database(store), [*foreign_trace(1, start_ns=now), *foreign_trace(2, start_ns=now - 40 * DAY)]
    )

    [(since_ns, until_ns)] = store.exported.days()

    assert since_ns <= now < until_ns
    assert len(store.exported.waiting(since_ns, until_ns).resource_spans) == 1


def test_rows_that_are_no_spans_stop_nothing(engine, store, landing):
    engine.command(
        f"insert into {database(store)}.otel_traces (Timestamp, TraceId, SpanId) values "
        "('2026-09-27 12:00:00', 'none', 'none'), "
        "('2026-09-27 12:00:00', '00000000000000000000000000000000', '0000000000000000')"
    )
    written(engine, database(store), all_traces())

    wait_until(lambda: totals(store)["runs"] == 4)


def test_first_versions_of_the_exporter_named_kinds_and_codes_in_full(engine, store, landing):
    engine.command(
        f"insert into {database(store)}.otel_traces "
        "(Timestamp, TraceId, SpanId, ParentSpanId, SpanKind, StatusCode, Duration) values "
        f"('2026-09-27 12:00:00', '{trace_hex(1).upper()}', '{span_hex(10).upper()}', 'no id', "
        "'SPAN_KIND_CLIENT', 'STATUS_CODE_ERROR', 5)"
    )
    wait_until(lambda: totals(store)["runs"] == 1)

    [span] = queries.span_detail(store, OneSpan(trace_id=trace_hex(1), span_id=span_hex(10))).to_pylist()
    assert (span["kind"], span["status"], span["parent_span_id"]) == (3, "error", None)


def test_a_table_that_is_not_there_yet_is_waited_for(opened, engine):
    store = opened(otel_table="otel_traces")
    commits = GroupCommit(store)
    landing = ExportedLanding(store.exported, Intake(commits), **OFTEN)
    try:
        store._connection.command(EXPORTERS_TABLE)
        written(engine, database(store), all_traces())
        wait_until(lambda: totals(store)["runs"] == 4)
    finally:
        landing.close()
        commits.close()
