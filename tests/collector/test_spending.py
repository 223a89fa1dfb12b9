"""Who spends, and how what runs cost is spread: sums and quantiles worked out from the examples of otlp_traces."""

import datetime as dt

import pytest

from collector import queries
from collector.errors import QuestionError
from collector.parameters import Buckets, Window, from_json
from collector.spending_queries import Spenders
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING
from tests.otlp_traces import (
    DAY,
    NOON,
    call_attributes,
    cost_attributes,
    council_trace,
    foreign_trace,
    moa_trace,
    request_attributes,
    span,
    usage_attributes,
)


def spending(trace: int, cents: int | None, **labels: object):
    """A run of one call, whose request carries `labels`."""
    asked = request_attributes(
        "direct",
        trace=trace,
        question="Why?",
        model_name="composite/direct/a",
        answer="So.",
        simulated=False,
    )
    called = call_attributes("openai/a", "direct", "direct", trace=trace)
    return [
        span("direct", trace=trace, number=1, duration_ms=9, attributes=asked | labels),
        span(
            "chat",
            trace=trace,
            number=2,
            parent=1,
            attributes=called | usage_attributes(10, 5) | cost_attributes(cents),
        ),
    ]


def told(store, by, **more):
    answer = queries.spenders(store, Spenders(**EVERYTHING, by=by, **more)).to_pylist()
    return [
        (row["name"], row["runs"], round(row["spend_usd"], 9), row["unpriced_calls"], row["names"])
        for row in answer
    ]


@pytest.fixture
def labelled(store, land):
    land(spending(1, 2, **{c.USER_ID: "ann", c.SESSION_ID: "s1", c.TRACE_TAGS: ["red", "blue"]}))
    land(spending(2, 3, **{c.USER_ID: "ann", c.SESSION_ID: "s2", c.TRACE_TAGS: ["blue"]}))
    land(spending(3, 4, **{c.USER_ID: "bob"}))
    land(spending(4, 7))
    land(spending(5, None, **{c.USER_ID: "bob"}))
    return store


def test_spend_is_told_by_user_the_dearest_first_with_what_nobody_was_named_for(labelled):
    assert told(labelled, "user") == [("", 1, 0.07, 0, 3), ("ann", 2, 0.05, 0, 3), ("bob", 2, 0.04, 1, 3)]


def test_a_run_counts_for_its_session(labelled):
    assert told(labelled, "session") == [("", 3, 0.11, 1, 3), ("s2", 1, 0.03, 0, 3), ("s1", 1, 0.02, 0, 3)]


def test_a_run_counts_for_each_of_its_tags(labelled):
    assert told(labelled, "tag") == [("", 3, 0.11, 1, 3), ("blue", 2, 0.05, 0, 3), ("red", 1, 0.02, 0, 3)]


def test_spend_is_told_by_program(labelled):
    assert told(labelled, "program") == [("composite-llm", 5, 0.16, 1, 1)]


def test_only_the_dearest_are_given_and_how_many_there_are(labelled):
    assert told(labelled, "user", most=1) == [("", 1, 0.07, 0, 3)]


def test_filters_choose_whose_runs_count(labelled):
    assert told(labelled, "user", tag="red") == [("ann", 1, 0.02, 0, 1)]
    assert told(labelled, "user", strategies=("moa",)) == []


def test_the_average_is_that_of_the_runs(labelled):
    answer = queries.spenders(labelled, Spenders(**EVERYTHING, by="user")).to_pylist()

    assert [row["cost_per_run_usd"] for row in answer] == [
        pytest.approx(usd, abs=1e-12) for usd in (0.07, 0.025, 0.02)
    ]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [({"by": "moon"}, "by must be one of user, session, tag, program"), ({"by": "user", "most": 0}, "1 to")],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(body, complaint):
    with pytest.raises(QuestionError, match=complaint):
        from_json(Spenders, {"since_ns": 0, "until_ns": 1, **body})


def test_the_cost_of_runs_is_told_by_its_median_its_95th_percentile_and_its_highest(store, land):
    for trace, cents in enumerate((1, 2, 3, 4, 21), start=1):
        land(spending(trace, cents))

    [row] = queries.by_strategy(store, Window(**EVERYTHING)).to_pylist()

    # Of five values the 95th percentile lies 0.8 of the way from the fourth to the fifth.
    assert (row["p50_cost_usd"], row["most_cost_usd"]) == (pytest.approx(0.03), pytest.approx(0.21))
    assert row["p95_cost_usd"] == pytest.approx(0.04 + 0.8 * 0.17)


def test_a_run_whose_root_has_not_come_is_unfinished(store, land):
    land(moa_trace(1))
    land([each for each in council_trace(2) if each.parent_span_id])
    land(foreign_trace(3))

    [totals] = queries.totals(store, Window(**EVERYTHING)).to_pylist()

    assert (totals["runs"], totals["unfinished_runs"]) == (3, 1)


def test_tokens_of_a_bucket_are_of_four_kinds_that_do_not_overlap(store, land):
    land(moa_trace(1))
    day = Buckets(since_ns=NOON, until_ns=NOON + DAY, bucket_seconds=86_400)

    [today, tomorrow] = queries.totals_over_time(store, day).to_pylist()

    kinds = ("uncached_input_tokens", "cached_tokens", "visible_output_tokens", "reasoning_tokens")
    assert [today[kind] for kind in kinds] == [1000 - 40, 40, 100 - 5, 5]
    assert [tomorrow[kind] for kind in kinds] == [0, 0, 0, 0]
    assert today["bucket"] == dt.datetime(2026, 9, 27)
