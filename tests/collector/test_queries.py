"""Every question, over four traces whose numbers tests/otlp_traces.py lists."""

import datetime as dt
import json

import duckdb
import pytest

from collector import queries
from collector.errors import QuestionError
from collector.parameters import (
    Buckets,
    ChosenRuns,
    IdBeginning,
    Nothing,
    OneSpan,
    OneTrace,
    TraceFilter,
    Window,
    from_json,
)
from collector.store import statements
from composite_llm import conventions as c
from tests.collector.question_examples import EXAMPLES
from tests.collector.running import EVERYTHING
from tests.otlp_traces import (
    DAY,
    MINUTE,
    NOON,
    SECOND,
    all_traces,
    call_attributes,
    cost_attributes,
    council_trace,
    failed_trace,
    foreign_trace,
    moa_trace,
    request_attributes,
    span,
    span_hex,
    trace_hex,
    usage_attributes,
)

HOUR = 3600
UTC_NOON = dt.datetime(2026, 9, 27, 12)


@pytest.fixture
def landed(store, land):
    land(all_traces())
    return store


def rows(table, *columns):
    return [tuple(row[column] for column in columns) for row in table.to_pylist()]


def window(**more):
    return Window(**EVERYTHING, **more)


PUT_TOGETHER = {
    name
    for name, question in queries.QUESTIONS.items()
    if question.answer.__module__.startswith("collector.statistics.")
}
"""Statistics, which ask two of the others."""


@pytest.mark.parametrize("name", statements.query_names())
def test_every_query_file_binds_against_the_schema(name, store):
    [statement] = duckdb.extract_statements(statements.query(name))
    with store.file.reading() as cursor:
        cursor.execute(f"explain {statement.query}", dict.fromkeys(statement.named_parameters))


def test_every_query_file_has_its_function_and_its_question():
    assert statements.query_names() == sorted(queries.QUESTIONS.keys() - PUT_TOGETHER)
    assert [question.answer.__name__ for question in queries.QUESTIONS.values()] == list(queries.QUESTIONS)


@pytest.mark.parametrize("name", statements.query_names())
def test_every_query_file_says_first_what_a_row_is(name):
    assert statements.query(name).startswith("-- One row")


NONE_HERE = ("running", "strategy_calls", "tag_names", "nested_runs", "runs_with_tools", "sub_questions")


@pytest.mark.parametrize("name", sorted(queries.QUESTIONS.keys() - PUT_TOGETHER))
def test_every_docstring_names_the_columns_of_its_answer(name, landed):
    question = queries.QUESTIONS[name]
    answer = question.answer(landed, EXAMPLES[question.parameters])

    # These are about runs that none of these traces is.
    assert answer.num_rows > 0 or name in NONE_HERE
    assert len(set(answer.column_names)) == len(answer.column_names)
    if name not in ("chosen_runs", "trace_summary", "trace_spans", "span_detail", "trace_otlp"):
        assert all(column in question.answer.__doc__ for column in answer.column_names)


def test_totals_add_up_over_calls_only(landed):
    [totals] = queries.totals(landed, window()).to_pylist()

    # Latencies are 500, 700, 3000 and 6000 ms: half way between the middle two, and 0.85 of the way
    # between the last two.
    assert totals.pop("p50_latency_ms") == pytest.approx(1850)
    assert totals.pop("p95_latency_ms") == pytest.approx(3000 + 0.85 * 3000)
    assert totals.pop("spend_usd") == pytest.approx(0.25, abs=1e-12)
    assert totals.pop("cost_per_run_usd") == pytest.approx(0.0625, abs=1e-12)
    assert totals == {
        "runs": 4,
        "calls": 4 + 5 + 2 + 1,
        "priced_calls": 4 + 5,
        "unpriced_calls": 1,
        "unbilled_calls": 2,
        "runs_with_errors": 1,
        "failed_runs": 1,
        "input_tokens": 1000 + 500 + 70,
        "output_tokens": 100 + 150 + 7,
        "cached_tokens": 40,
        "reasoning_tokens": 5,
        "simulated_runs": 0,
        "unfinished_runs": 0,
    }


def test_totals_of_nothing_are_zero_and_averages_unknown(store):
    [totals] = queries.totals(store, window()).to_pylist()

    unknown = {name for name, value in totals.items() if value is None}
    assert unknown == {"cost_per_run_usd", "p50_latency_ms", "p95_latency_ms"}
    assert {value for value in totals.values() if value is not None} == {0}


def test_a_window_holds_the_runs_that_start_in_it_whole(landed):
    # The first starts at noon sharp and lasts 3 s, the second a minute later: until is exclusive.
    [only_moa] = queries.totals(landed, Window(since_ns=NOON, until_ns=NOON + MINUTE)).to_pylist()
    [not_moa] = queries.totals(landed, Window(since_ns=NOON + 1, until_ns=NOON + DAY)).to_pylist()

    assert (only_moa["runs"], only_moa["calls"]) == (1, 4)
    assert (not_moa["runs"], not_moa["calls"]) == (3, 8)


def test_a_run_that_starts_before_the_window_is_not_in_it_although_its_later_parts_are(store, land):
    for each in moa_trace():
        land([each])

    [totals] = queries.totals(store, Window(since_ns=NOON + SECOND, until_ns=NOON + DAY)).to_pylist()

    assert totals["runs"] == 0


@pytest.mark.parametrize(
    ("strategies", "runs"), [((), 4), (("moa",), 2), (("moa", "council"), 3), (("other",), 1), (("rlm",), 0)]
)
def test_strategies_choose_runs(landed, strategies, runs):
    assert rows(queries.totals(landed, window(strategies=strategies)), "runs") == [(runs,)]


def test_origin_tells_simulated_runs_from_real_ones(store, land):
    land(moa_trace(1, simulated=True))
    land(moa_trace(2))

    answers = {
        origin: rows(queries.totals(store, window(origin=origin)), "runs", "simulated_runs")[0]
        for origin in ("all", "real", "simulated")
    }

    assert answers == {"all": (2, 1), "real": (1, 0), "simulated": (1, 1)}


def test_hours_without_runs_are_rows_of_zeros(landed):
    buckets = Buckets(since_ns=NOON - 3600 * SECOND, until_ns=NOON + 2 * 3600 * SECOND, bucket_seconds=HOUR)

    answer = rows(
        queries.totals_over_time(landed, buckets),
        "bucket",
        "runs",
        "spend_usd",
        "cost_per_run_usd",
        "runs_with_errors",
    )

    hour = dt.timedelta(hours=1)
    assert answer == [
        (UTC_NOON - hour, 0, 0.0, None, 0),
        (UTC_NOON, 4, pytest.approx(0.25), pytest.approx(0.0625), 1),
        (UTC_NOON + hour, 0, 0.0, None, 0),
    ]


def test_days_begin_at_midnight_where_the_reader_is(store, land):
    # 22:30 and 23:30 UTC of the 27th are 00:30 and 01:30 of the 28th in Berlin, which is two hours ahead.
    late = NOON + 10 * 3600 * SECOND + 30 * MINUTE
    land(moa_trace(1, start_ns=late))
    land(moa_trace(2, start_ns=late + 3600 * SECOND))
    days = {"since_ns": NOON, "until_ns": NOON + DAY, "bucket_seconds": 24 * HOUR}

    berlin = queries.totals_over_time(store, Buckets(**days, zone="Europe/Berlin"))
    utc = queries.totals_over_time(store, Buckets(**days, zone="UTC"))

    assert rows(berlin, "bucket", "runs") == [
        (dt.datetime(2026, 9, 26, 22), 0),
        (dt.datetime(2026, 9, 27, 22), 2),
    ]
    assert rows(utc, "bucket", "runs") == [(dt.datetime(2026, 9, 27), 2), (dt.datetime(2026, 9, 28), 0)]


def test_the_day_the_clocks_change_has_25_hours(store):
    # Berlin leaves summer time on 25 October 2026.
    since = int(dt.datetime(2026, 10, 24, 22, tzinfo=dt.UTC).timestamp()) * SECOND
    buckets = Buckets(
        since_ns=since, until_ns=since + 2 * DAY, bucket_seconds=24 * HOUR, zone="Europe/Berlin"
    )

    starts = [bucket for (bucket,) in rows(queries.totals_over_time(store, buckets), "bucket")]

    assert starts == [dt.datetime(2026, 10, 24, 22), dt.datetime(2026, 10, 25, 23)]


def test_shorter_buckets_ignore_the_zone(landed):
    noon_hour = {"since_ns": NOON, "until_ns": NOON + 3600 * SECOND, "bucket_seconds": HOUR}

    kolkata = queries.totals_over_time(landed, Buckets(**noon_hour, zone="Asia/Kolkata"))

    assert rows(kolkata, "bucket") == [(UTC_NOON,)]


def test_weeks_begin_on_monday(landed):
    week = Buckets(since_ns=NOON, until_ns=NOON + 1, bucket_seconds=7 * 24 * HOUR)

    [(monday,)] = rows(queries.totals_over_time(landed, week), "bucket")

    assert monday == dt.datetime(2026, 9, 21)
    assert monday.weekday() == 0


def test_spend_by_model_counts_a_call_in_the_bucket_of_its_run(store, land):
    # The run starts a second before one o'clock; most of its calls end after it.
    land(moa_trace(start_ns=NOON + 3599 * SECOND))
    land(foreign_trace(start_ns=NOON))
    buckets = Buckets(since_ns=NOON, until_ns=NOON + DAY, bucket_seconds=HOUR)

    answer = queries.spend_by_model(store, buckets)

    assert rows(answer, "bucket", "model", "spend_usd", "calls", "unpriced_calls") == [
        (UTC_NOON, "anthropic/claude-opus", 0.02, 1, 0),
        (UTC_NOON, "gemini/flash", 0.03, 1, 0),
        (UTC_NOON, "gpt-4o-mini", 0.0, 1, 1),
        (UTC_NOON, "openai/gpt-4o", 0.05, 2, 0),
    ]


def test_latency_by_strategy(landed):
    buckets = Buckets(since_ns=NOON, until_ns=NOON + DAY, bucket_seconds=24 * HOUR)

    # The two moa runs took 3000 and 500 ms.
    assert rows(queries.latency_by_strategy(landed, buckets), "strategy", "runs", "p50_ms", "p95_ms") == [
        ("council", 1, 6000, 6000),
        ("moa", 2, 1750, pytest.approx(500 + 0.95 * 2500)),
        ("other", 1, 700, 700),
    ]


def test_by_strategy_splits_tokens_into_kinds_that_do_not_overlap(landed):
    answer = queries.by_strategy(landed, window())

    assert rows(
        answer,
        "strategy",
        "runs",
        "calls",
        "calls_per_run",
        "uncached_input_tokens",
        "cached_tokens",
        "visible_output_tokens",
        "reasoning_tokens",
        "runs_with_errors",
        "unpriced_calls",
    ) == [
        ("council", 1, 5, 5.0, 500, 0, 150, 0, 0, 0),
        ("moa", 2, 6, 3.0, 960, 40, 95, 5, 1, 0),
        ("other", 1, 1, 1.0, 70, 0, 7, 0, 0, 1),
    ]
    assert rows(answer, "spend_usd") == [(pytest.approx(0.15),), (pytest.approx(0.10),), (0.0,)]


@pytest.mark.parametrize(("question", "name"), [(queries.by_strategy, "strategy"), (queries.by_mode, "mode")])
def test_what_cost_the_same_keeps_its_order(store, land, question, name):
    """0.1 + 0.2 is more than 0.3 in the last of its digits."""

    def run(trace, strategy, *amounts):
        asked = request_attributes(
            strategy,
            trace=trace,
            question="Why?",
            model_name=f"composite/{strategy}/a",
            answer="So.",
            simulated=False,
        )
        made = call_attributes("openai/a", "direct", strategy, trace=trace) | usage_attributes(1, 1)
        calls = [
            span("chat", trace=trace, number=n, parent=1, attributes=made | {c.COST_USD: usd})
            for n, usd in enumerate(amounts, start=2)
        ]
        return [span(strategy, trace=trace, number=1, duration_ms=9, attributes=asked), *calls]

    land([*run(1, "moa", 0.1, 0.2), *run(2, "council", 0.3), *run(3, "direct", 0.4)])

    assert rows(question(store, window()), name) == [("direct",), ("council",), ("moa",)]


def test_by_mode_has_each_run_of_a_composite_in_the_row_of_the_name_it_was_asked_for_by(landed, land):
    """A profile under its long and its short name is one mode; the foreign run of trace 4 is none."""
    for trace, name, simulated in (
        (5, "composite/quick", False),
        (6, "composite/profile/quick", False),
        (7, "composite/quicker", True),
    ):
        told = {"question": "Q", "model_name": name, "simulated": simulated, "answer": "A"}
        land([span("run", trace=trace, attributes=request_attributes("moa", trace=trace, **told))])

    answer = queries.by_mode(landed, window())

    assert rows(answer, "mode", "runs", "runs_with_errors", "failed_runs", "simulated_runs") == [
        ("council", 1, 0, 0, 0),
        ("moa", 2, 1, 1, 0),
        ("quick", 2, 0, 0, 0),
        ("quicker", 1, 0, 0, 1),
    ]
    # The two moa runs cost 10 cents and nothing, and took 3000 and 500 ms.
    for mode, runs in rows(answer, "mode", "runs"):  # each row is a list of runs
        assert queries.traces(landed, TraceFilter(**EVERYTHING, mode=mode)).num_rows == runs
    figures = ("cost_per_run_usd", "calls_per_run", "p50_latency_ms", "p95_latency_ms")
    assert rows(answer, *figures)[1] == (
        pytest.approx(0.05),
        3.0,
        1750,
        pytest.approx(500 + 0.95 * 2500),
    )


def test_traces_come_newest_first(landed):
    page = queries.traces(landed, TraceFilter(**EVERYTHING))

    assert rows(page, "trace_id", "strategy", "question", "failed", "matching") == [
        (trace_hex(4), "other", None, False, 4),
        (trace_hex(3), "moa", "Will this fail?", True, 4),
        (trace_hex(2), "council", "Which proof is shortest?", False, 4),
        (trace_hex(1), "moa", "Why is the sky blue?", False, 4),
    ]


def test_the_cost_of_a_run_is_unknown_only_where_no_price_is_known(landed, land):
    partly = moa_trace(5)
    # One of the four calls loses its price.
    kept = [pair for pair in partly[0].attributes if "cost" not in pair.key]
    del partly[0].attributes[:]
    partly[0].attributes.extend(kept)
    land(partly)

    costs = {
        row["trace_id"]: (row["cost_usd"], row["unpriced_calls"])
        for row in queries.traces(landed, TraceFilter(**EVERYTHING)).to_pylist()
    }

    assert costs[trace_hex(4)] == (None, 1)
    assert costs[trace_hex(3)] == (0.0, 0)
    assert costs[trace_hex(5)] == (pytest.approx(0.09), 1)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"text": "SKY"}, [1]),
        ({"mode": "moa"}, [3, 1]),
        ({"mode": "mo"}, []),
        ({"text": "composite/council"}, [2]),
        ({"text": "%"}, []),
        ({"text": "'; drop table spans; --"}, []),
        ({"text": "0" * 31 + "3"}, [3]),
        ({"model": "gemini/flash"}, [1]),
        ({"errors_only": True}, [3]),
        ({"min_cost_usd": 0.12}, [2]),
        ({"min_latency_ms": 3000}, [2, 1]),
        ({"strategies": ("moa",), "model": "openai/gpt-4o"}, [3, 1]),
        ({"page_size": 2}, [4, 3]),
        ({"page_size": 2, "page_offset": 2}, [2, 1]),
    ],
)
def test_filters_choose_traces(landed, filters, found):
    page = queries.traces(landed, TraceFilter(**EVERYTHING, **filters))

    assert rows(page, "trace_id") == [(trace_hex(number),) for number in found]


def test_a_summary_is_the_row_of_the_list(landed):
    [summary] = queries.trace_summary(landed, OneTrace(trace_id=trace_hex(2))).to_pylist()
    listed = queries.traces(landed, TraceFilter(**EVERYTHING, text=trace_hex(2))).to_pylist()

    assert [summary] == listed
    assert summary["models"] == ["anthropic/claude-opus", "openai/gpt-4o"]


def test_an_unknown_trace_is_no_row(landed):
    nobody = "f" * 32
    assert queries.trace_summary(landed, OneTrace(trace_id=nobody)).num_rows == 0
    assert queries.trace_spans(landed, OneTrace(trace_id=nobody)).num_rows == 0
    assert queries.span_detail(landed, OneSpan(trace_id=nobody, span_id=span_hex(1))).num_rows == 0


def test_the_spans_of_a_trace_are_its_tree(landed):
    spans = queries.trace_spans(landed, OneTrace(trace_id=trace_hex(1)))

    outline = rows(spans, "depth", "name", "start_ms", "end_ms", "self_ms", "cost_usd")
    assert outline == [
        (0, "invoke_workflow moa", 0, 3000, 0, None),
        (1, "stage moa.propose", 0, 2000, 0, None),
        (2, "chat gpt-4o", 0, 1000, 1000, 0.01),
        (2, "chat claude-opus", 0, 1500, 1500, 0.02),
        (2, "chat flash", 0, 2000, 2000, 0.03),
        (1, "stage moa.aggregate", 2000, 3000, 0, None),
        (2, "chat gpt-4o", 2000, 3000, 1000, 0.04),
    ]
    assert not {"input_value", "output_value", "attributes"} & set(spans.column_names)


def test_a_hedge_is_told_from_a_retry(store, land):
    def attempt(number, **attributes):
        told = {
            c.SPAN_TYPE: c.LLM_CALL,
            c.REQUEST_MODEL: "openai/gpt-4o",
            c.CALL_ATTEMPT: number,
        } | attributes
        return span("chat", number=number, start_ms=number, attributes=told)

    land([attempt(1), attempt(2, **{c.CALL_HEDGE: True}), attempt(3), attempt(4, **{c.CALL_HEDGE: False})])

    spans = queries.trace_spans(store, OneTrace(trace_id=trace_hex(1)))
    assert rows(spans, "attempt", "is_hedge") == [(1, False), (2, True), (3, False), (4, False)]


def test_a_trace_without_its_root_shows_orphans(store, land):
    land(moa_trace()[:-1])

    spans = queries.trace_spans(store, OneTrace(trace_id=trace_hex(1)))

    assert [(row["name"], row["depth"]) for row in spans.to_pylist() if row["is_orphan"]] == [
        ("stage moa.propose", 0),
        ("stage moa.aggregate", 0),
    ]


def test_the_detail_of_a_span_has_its_content_and_every_attribute_it_came_with(store, land):
    [*_, request] = moa_trace()
    land([request])
    sent = {pair.key: pair.value for pair in request.attributes}

    [detail] = queries.span_detail(store, OneSpan(trace_id=trace_hex(1), span_id=span_hex(1))).to_pylist()

    attributes = json.loads(detail["attributes"])
    assert attributes.keys() == sent.keys()
    assert attributes[c.INPUT_VALUE] == detail["input_value"] == sent[c.INPUT_VALUE].string_value
    assert attributes[c.ROLLUP_CALLS] == 4
    assert detail["output_value"] == "Answer 7."
    assert json.loads(detail["resource"]) == {"service.name": "composite-llm", "service.version": "0.1.0"}


def test_the_detail_of_a_failed_call_has_its_error_word_for_word(landed):
    [detail] = queries.span_detail(landed, OneSpan(trace_id=trace_hex(3), span_id=span_hex(3))).to_pylist()

    assert (detail["status"], detail["outcome"], detail["billing"]) == ("error", "error", "unbilled")
    assert detail["status_message"] == "openai: 429 <script>alert('quota')</script>"
    [event] = json.loads(detail["events"])
    assert event["attributes"]["exception.type"] == "litellm.exceptions.RateLimitError"


def test_a_request_within_a_request_belongs_to_the_outer_strategy(store, land):
    def nested(number, parent, strategy, start, duration):
        return span(
            strategy,
            number=number,
            parent=parent,
            start_ms=start,
            duration_ms=duration,
            attributes=request_attributes(
                strategy, trace=1, question=strategy, model_name=strategy, simulated=False, answer="yes"
            ),
        )

    # The inner one ends first, so it arrives first; both start in the same instant.
    land([nested(2, 1, "council", 0, 50)])
    land([nested(1, None, "moa", 0, 100)])

    [summary] = queries.trace_summary(store, OneTrace(trace_id=trace_hex(1))).to_pylist()
    assert (summary["strategy"], summary["model_name"], summary["question"]) == ("moa", "moa", "moa")


def test_a_request_below_a_callers_span_gives_the_trace_its_strategy(store, land):
    request = moa_trace()
    request[-1].parent_span_id = (99).to_bytes(8, "big")
    land([*request, span("GET /answer", number=99, start_ms=-10, duration_ms=3020)])

    [summary] = queries.trace_summary(store, OneTrace(trace_id=trace_hex(1))).to_pylist()

    assert (summary["root_name"], summary["strategy"], summary["latency_ms"]) == ("GET /answer", "moa", 3020)
    assert summary["question"] == "Why is the sky blue?"


def test_money_on_a_container_is_never_added(store, land):
    call = (
        call_attributes("openai/a", "direct", "direct", trace=1)
        | usage_attributes(10, 1)
        | cost_attributes(1)
    )
    container = {c.SPAN_TYPE: c.STAGE, c.STRATEGY: "direct"} | usage_attributes(10, 1) | cost_attributes(1)
    land([span("stage", number=1, attributes=container), span("chat", number=2, parent=1, attributes=call)])

    [totals] = queries.totals(store, window()).to_pylist()

    assert (totals["calls"], totals["input_tokens"], totals["spend_usd"]) == (1, 10, 0.01)


def test_strategies_and_models_are_listed_with_how_often(landed):
    assert rows(queries.strategies(landed, Nothing()), "strategy", "runs") == [
        ("moa", 2),
        ("council", 1),
        ("other", 1),
    ]
    assert rows(queries.models(landed, Nothing()), "model", "calls") == [
        ("openai/gpt-4o", 2 + 3 + 1),
        ("anthropic/claude-opus", 1 + 2 + 1),
        ("gemini/flash", 1),
        ("gpt-4o-mini", 1),
    ]


def test_counts_of_the_store(landed):
    assert queries.store_counts(landed, Nothing()).to_pylist() == [
        {
            "traces": 4,
            "simulated_traces": 0,
            "spans": 21,
            "llm_calls": 12,
            "unpriced_calls": 1,
            "oldest_span_ns": NOON,
            "newest_span_ns": NOON + 3 * MINUTE + 700_000_000,
        }
    ]


def test_delivering_twice_changes_no_answer(landed, land):
    questions = {
        name: question for name, question in queries.QUESTIONS.items() if question.parameters is Window
    }
    before = {name: question.answer(landed, window()) for name, question in questions.items()}

    land(council_trace(2, start_ns=NOON + MINUTE) + failed_trace(3, start_ns=NOON + 2 * MINUTE))

    assert before == {name: question.answer(landed, window()) for name, question in questions.items()}


@pytest.mark.parametrize(
    ("kind", "body", "complaint"),
    [
        (Window, [], "must be a JSON object"),
        (Window, {"since_ns": 0}, "'until_ns' is missing"),
        (Window, {"since_ns": 2, "until_ns": 1}, "must lie before"),
        (Window, {"since_ns": -1, "until_ns": 1}, "must lie before"),
        (Window, {"since_ns": 0, "until_ns": 2**63}, "must lie between"),
        (Window, {"since_ns": "0", "until_ns": 1}, "'since_ns' must be a whole number"),
        (Window, {"since_ns": True, "until_ns": 1}, "'since_ns' must be a whole number"),
        (Window, {"since_ns": 0.5, "until_ns": 1}, "'since_ns' must be a whole number"),
        (Window, {"since_ns": 0, "until_ns": 1, "limit": 5}, "no parameter 'limit'"),
        (Window, {"since_ns": 0, "until_ns": 1, "origin": "moon"}, "origin must be one of"),
        (Window, {"since_ns": 0, "until_ns": 1, "strategies": "moa"}, "'strategies' must be a list of texts"),
        (Window, {"since_ns": 0, "until_ns": 1, "strategies": [1]}, "'strategies' must be a list of texts"),
        (Buckets, {"since_ns": 0, "until_ns": 1, "bucket_seconds": 0}, "must be positive"),
        (Buckets, {"since_ns": 0, "until_ns": DAY, "bucket_seconds": 1}, "86400 buckets"),
        (Buckets, {"since_ns": 0, "until_ns": 1, "bucket_seconds": 60, "zone": "Mars/Base"}, "no time zone"),
        (Buckets, {"since_ns": 0, "until_ns": 1, "bucket_seconds": 60, "zone": "../x"}, "no time zone"),
        (Buckets, {"since_ns": 0, "until_ns": 1, "bucket_seconds": 60, "zone": ""}, "no time zone"),
        (Buckets, {"since_ns": 0, "until_ns": 1, "bucket_seconds": 2**63 - 1}, "at most a century"),
        (Window, {"since_ns": -(10**30), "until_ns": 1}, r"'since_ns' must lie between -2\^63 and 2\^63"),
        (TraceFilter, {"since_ns": 0, "until_ns": 1, "min_cost_usd": float("nan")}, "finite"),
        (TraceFilter, {"since_ns": 0, "until_ns": 1, "min_cost_usd": float("inf")}, "finite"),
        (TraceFilter, {"since_ns": 0, "until_ns": 1, "text": "\ud83d"}, "'text' holds half of a UTF-16"),
        (ChosenRuns, {"trace_ids": ["a", "\ud83d"]}, "'trace_ids' holds half of a UTF-16 pair"),
        (TraceFilter, {"since_ns": 0, "until_ns": 1, "page_size": 0}, "page_size must be"),
        (
            TraceFilter,
            {"since_ns": 0, "until_ns": 1, "errors_only": 1},
            "'errors_only' must be true or false",
        ),
        (OneTrace, {"trace_id": 7}, "'trace_id' must be a text"),
        (Nothing, {"a": 1}, "there are: none"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_with_a_sentence(kind, body, complaint):
    with pytest.raises(QuestionError, match=complaint):
        from_json(kind, body)


def test_a_bucket_of_a_century_is_answered(store):
    asked = Buckets(since_ns=0, until_ns=2**63 - 1, bucket_seconds=36_525 * 86_400)

    assert queries.totals_over_time(store, asked).num_rows > 0


def test_whole_numbers_are_taken_where_a_number_is_asked_for():
    parsed = from_json(TraceFilter, {"since_ns": 0, "until_ns": 1, "min_cost_usd": 1, "strategies": ["moa"]})

    assert (parsed.min_cost_usd, parsed.strategies) == (1.0, ("moa",))


def test_the_beginning_of_an_id_finds_its_runs_newest_first(store, land):
    land(moa_trace(0x1F) + council_trace(0x1A, start_ns=NOON + MINUTE) + failed_trace(0x2A))
    zeros = "0" * 30

    def found(beginning):
        return queries.trace_ids(store, IdBeginning(trace_id=beginning))["trace_id"].to_pylist()

    assert found(zeros + "1") == [zeros + "1a", zeros + "1f"]
    assert found(zeros + "2a") == [zeros + "2a"]
    assert found("f") == []


@pytest.mark.parametrize("name", sorted(PUT_TOGETHER))
def test_every_statistic_says_what_its_columns_are_also_of_nothing(name, landed):
    question = queries.QUESTIONS[name]
    answer = question.answer(landed, question.parameters(**EVERYTHING))
    assert answer.num_columns > 0
    assert all(column in question.answer.__doc__ for column in answer.column_names)
