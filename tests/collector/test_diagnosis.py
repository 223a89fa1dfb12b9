"""What the diagnostics ask, over traces whose numbers are worked out here and in tests/otlp_traces.py."""

import datetime as dt

import pytest

from collector import diagnosis_queries as asked
from collector.mode_queries import NewestRuns
from collector.parameters import Buckets, CallsOf, Period, Window
from collector.statistics.bottlenecks import bottlenecks
from collector.statistics.run_shapes import run_shapes
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING
from tests.otlp_traces import (
    DAY,
    MINUTE,
    NOON,
    all_traces,
    cost_attributes,
    council_trace,
    moa_trace,
    more_than_calls,
    span,
    trace_hex,
    usage_attributes,
)


@pytest.fixture
def landed(store, land):
    land(all_traces())
    return store


MOA = {c.SPAN_TYPE: c.REQUEST, c.STRATEGY: "moa"}


def model_call(number, model, start, duration, *, trace=1, outcome="ok", cents=1, used=True):
    told = {c.SPAN_TYPE: c.LLM_CALL, c.LITELLM_MODEL: model, c.CALL_OUTCOME: outcome}
    return span(
        f"chat {model}",
        trace=trace,
        number=number,
        parent=1,
        start_ms=start,
        duration_ms=duration,
        attributes=told | (usage_attributes(100, 10) if used else {}) | cost_attributes(cents),
    )


def test_unpriced_models_are_told_by_who_recorded_them(landed, land):
    land(
        [
            span("request", trace=30, number=1, duration_ms=1000, attributes=MOA),
            model_call(2, "acme/one", 0, 500, trace=30, cents=None),
            model_call(3, "acme/one", 0, 500, trace=30, cents=None),
            model_call(4, "acme/one", 0, 500, trace=30, cents=None, used=False),
            model_call(6, "acme/one", 0, 500, trace=30, cents=None, outcome="timeout"),
            model_call(5, "openai/gpt-4o", 0, 500, trace=30, cents=3),
        ]
    )
    rows = asked.unpriced_models(landed, Window(**EVERYTHING)).to_pylist()

    assert [
        (row["model"], row["dialect"], row["calls"], row["runs"], row["cut_off"], row["input_tokens"])
        for row in rows
    ] == [("acme/one", "composite", 4, 1, 2, 300), ("gpt-4o-mini", "gen_ai", 1, 1, 0, 70)]
    assert rows[0]["example_trace_id"] == trace_hex(30)
    assert rows[0]["output_tokens"] == 30


def test_unpriced_calls_add_up_to_what_the_totals_count(landed, land):
    land(more_than_calls(40))
    rows = asked.unpriced_models(landed, Window(**EVERYTHING)).to_pylist()
    [totals] = landed.ask(
        "totals", {**EVERYTHING, "strategies": [], "origin": "all", "mode": "", "tag": ""}
    ).to_pylist()

    assert sum(row["calls"] for row in rows) == totals["unpriced_calls"] == 2
    assert [row["is_call"] for row in rows if row["dialect"] != "composite"].count(False) == 1


def test_the_window_and_its_filters_narrow_unpriced_models(landed):
    only_moa = Window(**EVERYTHING, strategies=("moa",))
    before = Window(since_ns=0, until_ns=NOON)

    assert asked.unpriced_models(landed, only_moa).num_rows == 0
    assert asked.unpriced_models(landed, before).num_rows == 0


def test_usage_that_does_not_count_is_told_by_its_rule(store, land):
    land(more_than_calls(40))
    land(more_than_calls(41, start_ns=NOON + DAY))
    rows = asked.usage_rules(store, Period(**EVERYTHING)).to_pylist()

    told = {(row["rule"].split(":")[0], row["counts"]): row for row in rows}
    counted, left_out = told["its own", True], told["container of more than the spans below it carry", False]
    assert (counted["spans"], counted["traces"], counted["told_usd"]) == (2, 2, pytest.approx(0.2))
    assert (left_out["spans"], left_out["told_usd"], left_out["input_tokens"]) == (2, pytest.approx(1.0), 100)
    assert left_out["example_trace_id"] == trace_hex(41)
    assert asked.usage_rules(store, Period(since_ns=NOON + DAY, until_ns=NOON + 2 * DAY)).num_rows == 2


def test_growth_counts_spans_with_the_run_they_are_of(landed):
    days = Buckets(since_ns=NOON - DAY, until_ns=NOON + DAY, bucket_seconds=86_400, zone="UTC")
    rows = asked.growth(landed, days).to_pylist()

    spans = len(all_traces())
    assert [(row["bucket"], row["runs"], row["spans"]) for row in rows] == [
        (dt.datetime(2026, 9, 26), 0, 0),
        (dt.datetime(2026, 9, 27), 4, spans),
        (dt.datetime(2026, 9, 28), 0, 0),
    ]


def test_depth_and_calls_are_those_of_each_run(landed):
    rows = {row["trace_id"]: row for row in run_shapes(landed, NewestRuns(**EVERYTHING)).to_pylist()}

    # Request, stage, call; the call of another library stands alone.
    assert [(rows[trace_hex(n)]["depth"], rows[trace_hex(n)]["calls"]) for n in (1, 2, 4)] == [
        (3, 4),
        (3, 5),
        (1, 1),
    ]
    assert {row["matching"] for row in rows.values()} == {4}
    assert not any(row["has_tools"] for row in rows.values())


def test_the_newest_runs_are_looked_at_and_all_are_counted(landed):
    rows = run_shapes(landed, NewestRuns(**EVERYTHING, most_runs=2)).to_pylist()

    assert {row["trace_id"] for row in rows} == {trace_hex(3), trace_hex(4)}
    assert rows[0]["matching"] == 4


def test_a_run_has_tools_where_one_ran_or_the_client_gave_some(store, land):
    request = MOA
    land(
        [
            span("given", trace=50, attributes=request | {c.TOOL_POLICY: "final"}),
            span("ran", trace=51, number=1, attributes=request),
            span("tool", trace=51, number=2, parent=1, attributes={c.SPAN_TYPE: c.TOOL}),
            span("none", trace=52, attributes=request),
            # A question about tools is none.
            span("asked", trace=53, attributes=request | {"note": "tool composite.tool.policy"}),
        ]
    )
    traces = tuple(trace_hex(number) for number in range(50, 54))
    found = asked.runs_with_tools(store, CallsOf(trace_ids=traces, first_ns=0, last_ns=2**63 - 1))

    assert found["trace_id"].to_pylist() == [trace_hex(50), trace_hex(51)]


def test_runs_wait_for_the_slowest_of_calls_side_by_side(store, land):
    """Proposers end at 1.0, 1.5 and 2.0 s, then a second of aggregating: two seconds of gemini's, one of gpt-4o's."""
    land(moa_trace())
    rows = {row["model"]: row for row in bottlenecks(store, NewestRuns(**EVERYTHING)).to_pylist()}

    waited = {name: row["path_ms"] for name, row in rows.items()}
    assert waited == pytest.approx({"gemini/flash": 2000, "openai/gpt-4o": 1000, "anthropic/claude-opus": 0})
    assert next(iter(rows)) == "gemini/flash"
    late = rows["gemini/flash"]
    assert (late["side_by_side"], late["straggled"], late["straggled_ms"]) == (1, 1, pytest.approx(500))
    assert (rows["openai/gpt-4o"]["calls"], rows["openai/gpt-4o"]["side_by_side"]) == (2, 1)
    assert (late["latency_ms"], late["looked_at"], late["matching"]) == (pytest.approx(3000), 1, 1)


def test_the_example_is_the_run_that_waited_longest(store, land):
    quick = [
        span("request", trace=60, number=1, duration_ms=100, attributes=MOA),
        model_call(2, "a/slow", 0, 100, trace=60),
    ]
    slow = [
        span("request", trace=61, number=1, duration_ms=900, attributes=MOA),
        model_call(2, "a/slow", 0, 900, trace=61),
    ]
    land([*quick, *slow])
    [row] = bottlenecks(store, NewestRuns(**EVERYTHING)).to_pylist()

    assert (row["example_trace_id"], row["runs"], row["path_ms"]) == (trace_hex(61), 2, pytest.approx(1000))


def test_calls_after_each_other_and_those_left_behind_are_no_stragglers(store, land):
    land(
        [
            span("request", trace=62, number=1, duration_ms=900, attributes=MOA),
            model_call(2, "a/one", 0, 100, trace=62),
            model_call(3, "a/two", 100, 100, trace=62),
            model_call(4, "a/left", 300, 600, trace=62, outcome="discarded"),
            model_call(5, "a/wanted", 300, 100, trace=62),
        ]
    )
    rows = bottlenecks(store, NewestRuns(**EVERYTHING)).to_pylist()

    assert len(rows) == 4
    assert {row["side_by_side"] for row in rows} == {0}


def test_an_empty_store_has_no_bottlenecks_and_no_shapes(store):
    assert bottlenecks(store, NewestRuns(**EVERYTHING)).num_rows == 0
    assert run_shapes(store, NewestRuns(**EVERYTHING)).num_rows == 0
    assert asked.unpriced_models(store, Window(**EVERYTHING)).num_rows == 0


def test_a_long_window_of_many_kinds_is_one_question(store, land):
    for number in range(8):
        land(council_trace(70 + number, start_ns=NOON + number * MINUTE))
    [first, *_] = bottlenecks(store, NewestRuns(**EVERYTHING, most_runs=3)).to_pylist()

    assert (first["looked_at"], first["matching"], first["runs"]) == (3, 8, 3)
