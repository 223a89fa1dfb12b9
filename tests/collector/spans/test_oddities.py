"""What is strange is kept where it is valid, counted, and shown; what is not valid is refused by name."""

import json

import httpx
import pyarrow as pa
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector import odd_spans, queries
from collector.errors import QuestionError
from collector.parameters import Period, Window
from collector.spans import otlp
from collector.spans.oddities import MEANINGS, OddityTally
from collector.store.duckdb.store import DuckdbStore
from tests.collector.running import EVERYTHING
from tests.collector.store.clickhouse.random_traces import random_traces
from tests.collector.store.test_migration import ASKED
from tests.otlp_traces import DAY, MINUTE, NOON, SECOND, export_request, span, span_hex, trace_hex

MILLISECOND = 10**6

LAST = 2**63 - 2


def oddities(collector, **period):
    found = collector.ask("oddities", **(period or EVERYTHING))
    return {row["kind"]: row for row in found}


def counts(collector, **period):
    return {kind: row["spans"] for kind, row in oddities(collector, **period).items()}


def health(collector):
    return httpx.get(f"{collector.url}/healthz").json()


def send(collector, *spans):
    answer = ExportTraceServiceResponse.FromString(collector.send(spans).content)
    return answer.partial_success.rejected_spans


def test_ordinary_spans_are_not_strange(collector):
    send(
        collector,
        span("root", number=1, duration_ms=10),
        span("child", number=2, parent=1, start_ms=1, duration_ms=5),
    )

    assert oddities(collector) == {}
    assert health(collector)["oddities"] == {}


def test_every_kind_has_its_meaning(collector):
    send(collector, span("orphan", parent=9))

    [row] = collector.ask("oddities", **EVERYTHING)
    assert row["meaning"] == MEANINGS["parent not there"]
    assert (row["spans"], row["traces"], row["example_trace_id"]) == (1, 1, trace_hex(1))


def test_zero_ids_are_refused_by_name_and_counted(collector):
    zero_trace, zero_span = span("no trace", number=1), span("no span", number=2)
    zero_trace.trace_id = bytes(16)
    zero_span.span_id = bytes(8)

    answer = collector.send([zero_trace, zero_span, span("good", number=3)])

    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert answer.status_code == 200
    assert partial.rejected_spans == 2
    assert "'no trace': trace id" in partial.error_message
    assert "'no span': span id" in partial.error_message
    assert (health(collector)["spans_rejected"], health(collector)["spans_stored"]) == (2, 1)


def test_the_same_span_again_is_a_duplicate(collector):
    send(collector, span("a"))
    send(collector, span("a"), span("a"))

    now = health(collector)
    assert (now["spans_stored"], now["spans_duplicate"]) == (1, 2)


def test_times_that_cannot_be_right_are_kept_and_said(collector):
    backwards, unset, endless, far = (span(name, number=n) for n, name in enumerate("buef", start=1))
    backwards.end_time_unix_nano = NOON - 1
    unset.start_time_unix_nano = unset.end_time_unix_nano = 0
    endless.end_time_unix_nano = 2**64 - 1
    far.start_time_unix_nano = LAST
    far.end_time_unix_nano = 2**63
    beyond = span("beyond", number=5)
    beyond.start_time_unix_nano = LAST + 1

    assert send(collector, backwards, unset, endless, far, beyond) == 1

    found = health(collector)["oddities"]
    assert found["ends before it starts"] == 1
    assert found["starts before the year 2000"] == 1
    assert found["ends beyond the year 2262"] == 2
    assert found["starts in the future"] == 1
    assert len(collector.ask("trace_spans", trace_id=trace_hex(1))) == 4


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A store with every oddity in it, among the traces and spans that ASKED names. Only to be asked."""
    backwards, unset, endless, far, beyond = (span(name, number=n) for n, name in enumerate("buefy", start=1))
    backwards.end_time_unix_nano = NOON - 1
    unset.start_time_unix_nano = unset.end_time_unix_nano = 0
    endless.end_time_unix_nano = 2**64 - 1
    far.start_time_unix_nano = far.end_time_unix_nano = LAST
    beyond.start_time_unix_nano = LAST + 1
    running = span("orphan", trace=2, number=1, parent=9)
    running.end_time_unix_nano = 2**64 - 1
    circle = [span("c", trace=3, number=n, parent=3 - n, duration_ms=n) for n in (1, 2)]
    clocks = [
        span("early", trace=4, number=2, parent=1, duration_ms=100),
        span("over", trace=4, number=3, parent=1, start_ms=40, duration_ms=300),
    ]
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 99}
    usage = [
        call(1, place={"trace": 5, "duration_ms": 9}, **agent),
        call(2, place={"trace": 5, "parent": 1}, **{"gen_ai.usage.cost": 0.1, "gen_ai.response.id": "r"}),
        call(4, place={"trace": 4}, **{"gen_ai.usage.cost": 0.1, "gen_ai.response.id": "r"}),
        call(5, place={"trace": 4}),
    ]
    large = span("large", trace=3, number=3, attributes={"document": "x" * 1_100_000})
    first = [backwards, unset, endless, far, beyond, running, *circle, *clocks, *usage, large]
    parent = span("late", trace=4, number=1, start_ms=10, duration_ms=100)
    store = DuckdbStore.open(tmp_path_factory.mktemp("odd"))
    for landed_ns, spans in ((NOON + SECOND, first), (NOON + 70 * SECOND, [parent])):
        store.land(otlp.batch_of(export_request(spans), landed_ns))
    yield store
    store.close()


def test_the_odd_store_has_every_oddity(odd):
    assert {row["kind"] for row in queries.oddities(odd, Period(**EVERYTHING)).to_pylist()} == set(MEANINGS)


@pytest.mark.parametrize("name", sorted(queries.QUESTIONS))
def test_every_question_is_answered_whatever_is_strange(name, odd):
    question = queries.QUESTIONS[name]
    for asked in ASKED[question.parameters]:
        assert question.answer(odd, asked).schema.names


def test_a_span_without_an_end_that_can_be_told_is_shown_as_lasting_to_the_last_moment(odd):
    [row] = queries.running(odd, Window(**EVERYTHING)).to_pylist()
    assert (row["trace_id"], row["last_seen"].value) == (trace_hex(2), LAST)


def test_a_span_with_an_absurd_time_is_found_by_when_it_arrived(collector):
    long_ago = span("1970")
    long_ago.start_time_unix_nano, long_ago.end_time_unix_nano = 0, 1
    send(collector, long_ago)

    assert health(collector)["oddities"] == {"starts before the year 2000": 1}
    # A window that ends well after now, and begins long after 1970.
    assert counts(collector, since_ns=NOON - 20 * 365 * DAY, until_ns=LAST) == {
        "starts before the year 2000": 1
    }
    assert counts(collector, since_ns=LAST - 1, until_ns=LAST) == {}


def test_ten_megabytes_in_one_attribute_are_kept_whole(collector):
    text = "".join(chr(97 + n % 26) for n in range(1000)) * 10_000

    assert send(collector, span("large", attributes={"document": text})) == 0

    [row] = collector.ask("span_detail", trace_id=trace_hex(1), span_id=span_hex(1))
    assert json.loads(row["attributes"])["document"] == text
    assert counts(collector)["larger than 1 MB"] == 1


def test_an_orphan_is_one_until_its_parent_comes(collector):
    send(collector, span("child", number=2, parent=1, start_ms=1))
    before = counts(collector)
    send(collector, span("root", number=1, duration_ms=10))

    assert before == {"parent not there": 1}
    assert counts(collector) == {}


def test_a_parent_outside_the_window_is_no_missing_one(collector):
    send(
        collector,
        span("root", number=1, duration_ms=3 * 60_000),
        span("child", number=2, parent=1, start_ns=NOON + 2 * MINUTE),
    )

    assert counts(collector, since_ns=NOON + MINUTE, until_ns=NOON + 3 * MINUTE) == {}


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_a_circle_is_kept_and_counted(collector, length):
    send(
        collector,
        span("root", number=100, duration_ms=100),
        span("child", number=101, parent=100),
        *(
            span("c", number=n, parent=n % length + 1, start_ms=n, duration_ms=1)
            for n in range(1, length + 1)
        ),
    )

    found = oddities(collector)
    assert found["in a circle"]["spans"] == length
    rows = collector.ask("trace_spans", trace_id=trace_hex(1))
    assert len(rows) == length + 2


def test_clocks_that_differ_are_told_by_how_much(collector):
    send(
        collector,
        span("root", number=1, start_ms=100, duration_ms=100),
        span("early", number=2, parent=1, start_ms=40, duration_ms=100),
        span("over", number=3, parent=1, start_ms=150, duration_ms=300),
    )

    found = oddities(collector)
    assert (found["starts before its parent"]["spans"], found["starts before its parent"]["most_ms"]) == (
        1,
        60,
    )
    assert (found["ends after its parent"]["spans"], found["ends after its parent"]["most_ms"]) == (1, 250)


def test_a_parent_that_came_long_after_its_child_is_said(store):
    for landed_ns, each in (
        (NOON + SECOND, span("child", number=2, parent=1)),
        (NOON + SECOND + 61 * SECOND, span("root", number=1, duration_ms=10)),
    ):
        store.land(otlp.batch_of(export_request([each]), landed_ns))

    [row] = queries.oddities(store, Period(**EVERYTHING)).to_pylist()
    assert (row["kind"], row["spans"], row["most_ms"]) == ("parent came late", 1, 61_000)


def call(number, **attributes):
    told = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 1}
    return span("chat", number=number, **attributes.pop("place", {}), attributes=told | attributes)


def test_models_without_a_price_are_named(collector):
    send(
        collector,
        call(1, **{"gen_ai.request.model": "b"}),
        call(2, **{"gen_ai.request.model": "a"}),
        call(3, **{"gen_ai.request.model": "a"}),
        call(4, **{"gen_ai.request.model": "c", "gen_ai.usage.cost": 0.1}),
        call(5),
    )

    row = oddities(collector)["no known price"]
    assert (row["spans"], row["models"]) == (4, ["a", "b", "unknown"])


def test_usage_that_no_span_accounts_for_is_said(collector):
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 99}
    send(
        collector,
        call(1, place={"duration_ms": 9}, **agent),
        call(2, place={"parent": 1}, **{"gen_ai.usage.cost": 0.1}),
    )

    assert counts(collector) == {"usage not accounted for": 1}
    [totals] = collector.ask("totals", **EVERYTHING)
    assert (totals["input_tokens"], totals["unpriced_calls"]) == (10, 1)


def told_in(trace, *, cost=None, second=0, **more):
    """One call of 10 tokens in and 1 out, as a library tells of it in that trace."""
    told = {"gen_ai.response.id": "r-1"} | ({} if cost is None else {"gen_ai.usage.cost": cost})
    return call(trace, place={"trace": trace, "start_ns": NOON + second * SECOND}, **told | more)


def test_one_response_in_several_traces_is_said_with_what_totals_count_twice(collector):
    """The dearest, $0.30, is taken for the call's own; $0.10 is told again, and an unknown cost adds nothing."""
    send(collector, told_in(1, cost=0.1), told_in(2, cost=0.3, second=500), told_in(3, second=900))
    # The same id and other tokens: a server that draws its ids from few.
    send(collector, told_in(4, cost=5.0, **{"gen_ai.usage.input_tokens": 11}))

    row = oddities(collector)["one response in several traces"]
    assert (row["spans"], row["traces"], row["twice_usd"]) == (3, 3, pytest.approx(0.1))
    [totals] = collector.ask("totals", **EVERYTHING)
    assert (totals["spend_usd"], totals["unpriced_calls"]) == (pytest.approx(5.4), 1)
    assert health(collector)["oddities"]["one response in several traces"] == 2


def test_one_response_told_twice_in_one_trace_is_no_oddity(collector):
    priced = {"gen_ai.usage.cost": 0.1, "gen_ai.response.id": "r-1"}
    send(collector, *(call(number, **priced) for number in (1, 2)))

    assert oddities(collector) == {}
    assert health(collector)["oddities"] == {}
    [totals] = collector.ask("totals", **EVERYTHING)
    assert (totals["calls"], totals["spend_usd"]) == (1, pytest.approx(0.1))


def test_the_tally_remembers_the_latest_responses_alone(monkeypatch):
    monkeypatch.setattr("collector.spans.oddities.RESPONSES_REMEMBERED", 2)
    tally = OddityTally()
    for trace, response in ((1, "a"), (2, "b"), (3, "c"), (4, "a"), (5, "c")):
        batch = otlp.batch_of(export_request([told_in(trace, **{"gen_ai.response.id": response})]))
        # What is decided when it lands.
        counted = batch.spans().set_column(
            batch.spans().schema.get_field_index("is_llm_call"), "is_llm_call", pa.array([True])
        )
        tally.landed(counted)

    assert tally.counts() == {"one response in several traces": 1}


@pytest.mark.parametrize("most", [1, 3])
@pytest.mark.parametrize("period", [EVERYTHING, {"since_ns": NOON, "until_ns": NOON + 40 * MILLISECOND}])
def test_the_parts_of_a_window_add_up_to_the_whole(odd, monkeypatch, most, period):
    whole = queries.oddities(odd, Period(**period))
    monkeypatch.setattr(odd_spans, "SPANS_A_PART", most)

    assert queries.oddities(odd, Period(**period)).to_pylist() == whole.to_pylist()


def test_a_window_that_takes_too_long_is_refused_with_what_to_do(odd, monkeypatch):
    monkeypatch.setattr(odd_spans, "MOST_SECONDS", -1.0)

    with pytest.raises(QuestionError, match="ask for a shorter time"):
        queries.oddities(odd, Period(**EVERYTHING))


def test_parts_of_random_traces_add_up_too(store, monkeypatch):
    for minute, spans in enumerate(random_traces(seed=3)):
        store.land(otlp.batch_of(export_request(spans), NOON + DAY + minute * 2 * MINUTE))
    whole = queries.oddities(store, Period(**EVERYTHING)).to_pylist()
    monkeypatch.setattr(odd_spans, "SPANS_A_PART", 40)

    assert queries.oddities(store, Period(**EVERYTHING)).to_pylist() == whole
    assert sum(row["spans"] for row in whole) > 40


@pytest.mark.parametrize("starts", [(0, 0, 0), (0, 5, 0), (3, 2, 1), (0, 0, 9), (9, 0, 0)])
def test_a_circle_is_counted_once_however_its_spans_lie(store, monkeypatch, starts):
    """In parts of one span each; a call beside the circle hangs on it and is not in it."""
    circle = [
        span("c", number=n, parent=n % 3 + 1, start_ms=start, duration_ms=1)
        for n, start in enumerate(starts, start=1)
    ]
    beside = span("beside", number=9, parent=1, start_ms=9, duration_ms=1)
    store.land(otlp.batch_of(export_request([*circle, beside])))
    monkeypatch.setattr(odd_spans, "SPANS_A_PART", 1)

    found = {row["kind"]: row for row in queries.oddities(store, Period(**EVERYTHING)).to_pylist()}
    assert (found["in a circle"]["spans"], found["in a circle"]["traces"]) == (3, 1)
