"""Bills of runs with everything in them that could be counted twice, or not at all; worked out by hand.

`MIXED` is one run of ours, in cents and tokens in/out. Only what is marked counts:

    1 request moa                                  rolled up: 15 cents
    2   stage
    3     call a  refused                          nobody bills it
    4     call a  its retry                        2   200/20    counts
    5     call b  slow                             3   300/30    counts
    6     call b  hedge beside it, cut off         unknown       may be billed
    7     call c  came too late to be used         1   100/10    counts
    8     call c  answered from the cache          0             was paid for before
    9     request council, within                  rolled up: 5 cents
    10      call a                                 5   500/50    counts (100 cached, 5 reasoning)
    11  call a  streamed                           4   400/40    counts
    12  call a  a stream its reader left           unknown       may be billed

`AGENT` is another library's run: an agent of 30/3 whose two calls are 10 cents for 10/1 and 20 cents for 20/2.
`UNPRICED` is one call of 70/7 that nobody knows the price of, `SIMULATED` one of 6 cents for 60/6.
"""

import random

import pytest

from collector import queries
from collector.parameters import Buckets, OneTrace, Window
from collector.spans import otlp
from collector.store.duckdb.store import DuckdbStore
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING
from tests.otlp_traces import (
    DAY,
    MS,
    NOON,
    SECOND,
    call_attributes,
    cost_attributes,
    export_request,
    request_attributes,
    rollup_attributes,
    span,
    stage_attributes,
    trace_hex,
    usage_attributes,
)

A, B, C = "openai/a", "anthropic/b", "gemini/c"
MISSING, NOTHING = {c.USAGE_SOURCE: "missing"}, {c.USAGE_SOURCE: "none"}


def request(number, parent, strategy, cents, trace=1):
    asked = request_attributes(
        strategy, trace=trace, question="Why?", model_name=strategy, answer="So.", simulated=trace == 4
    )
    return span(
        strategy,
        trace=trace,
        number=number,
        parent=parent,
        start_ms=number,
        duration_ms=100 - 2 * number,
        attributes=asked | rollup_attributes(9, cents, 1500, 150),
    )


def call(number, parent, model, told, cents, *, trace=1, outcome="ok", error=None, **attributes):
    made = call_attributes(model, "proposer", "moa", trace=trace, outcome=outcome, simulated=trace == 4)
    return span(
        "chat",
        trace=trace,
        number=number,
        parent=parent,
        start_ms=number,
        attributes=made | told | cost_attributes(cents) | attributes,
        error=error,
    )


def other(trace, number, parent, operation, tokens, usd=None):
    told = {"gen_ai.operation.name": operation, "gen_ai.request.model": "other"}
    used = {"gen_ai.usage.input_tokens": tokens * 10, "gen_ai.usage.output_tokens": tokens}
    cost = {} if usd is None else {"gen_ai.usage.cost": usd}
    return span(operation, trace=trace, number=number, parent=parent, attributes=told | used | cost)


MIXED = [
    request(1, None, "moa", 15),
    span("stage", number=2, parent=1, attributes=stage_attributes("propose", 1, "moa", trace=1, fan_out=6)),
    call(3, 2, A, NOTHING, None, outcome="error", error="429"),
    call(4, 2, A, usage_attributes(200, 20), 2, **{c.CALL_ATTEMPT: 2}),
    call(5, 2, B, usage_attributes(300, 30), 3),
    call(6, 2, B, MISSING, None, outcome="hedge_lost", **{c.CALL_HEDGE: True}),
    call(7, 2, C, usage_attributes(100, 10), 1, outcome="discarded"),
    call(8, 2, C, NOTHING, 0, outcome="cached", **{c.COST_SOURCE: "cache"}),
    request(9, 2, "council", 5),
    call(10, 9, A, usage_attributes(500, 50, cached=100, reasoning=5), 5),
    call(11, 1, A, usage_attributes(400, 40), 4),
    call(12, 1, A, MISSING, None, outcome="cancelled", error="the reader left"),
]
AGENT = [
    other(2, 1, None, "invoke_agent", 3),
    other(2, 2, 1, "chat", 1, 0.1),
    other(2, 3, 1, "chat", 2, 0.2),
]
UNPRICED = [other(3, 1, None, "chat", 7)]
SIMULATED = [
    request(1, None, "direct", 6, trace=4),
    call(2, 1, "sim/a", usage_attributes(60, 6), 6, trace=4),
]
ALL = [*MIXED, *AGENT, *UNPRICED, *SIMULATED]
USED = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
BILLED = ("calls", "priced_calls", "unpriced_calls", "unbilled_calls")


@pytest.fixture(scope="module", params=["together", "children first", "root first", "shuffled", "twice"])
def billed(request, tmp_path_factory):
    """The same spans, however they come. A store that all tests read, and none writes."""
    orders = {
        "together": [ALL],
        "children first": [[each] for each in reversed(ALL)],
        "root first": [[each] for each in ALL],
        "shuffled": [[each] for each in random.Random(5).sample(ALL, len(ALL))],
        "twice": [ALL[::2], ALL, ALL[::-1]],
    }
    store = DuckdbStore.open(tmp_path_factory.mktemp("billed"))
    for batch in orders[request.param]:
        store.land(otlp.batch_of(export_request(batch)))
    yield store
    store.close()


def test_totals_are_the_bill_worked_out_by_hand(billed):
    [totals] = queries.totals(billed, Window(**EVERYTHING)).to_pylist()

    assert totals["runs"] == 4
    # 2 + 3 + 1 + 5 + 4 cents, 10 + 20, and 6.
    assert totals["spend_usd"] == pytest.approx(0.51)
    # 9 of ours, 2 of the agent, 1 unpriced, 1 simulated; unpriced are 6, 12 and the one; unbilled are 3 and 8.
    assert tuple(totals[name] for name in BILLED) == (13, 8, 3, 2)
    # 1500 + 30 + 70 + 60 and 150 + 3 + 7 + 6.
    assert tuple(totals[name] for name in USED) == (1660, 166, 100, 5)
    assert (totals["runs_with_errors"], totals["failed_runs"], totals["simulated_runs"]) == (1, 0, 1)


def test_real_runs_alone_leave_out_what_was_simulated(billed):
    [real] = queries.totals(billed, Window(**EVERYTHING, origin="real")).to_pylist()

    assert (real["runs"], real["calls"], real["spend_usd"]) == (3, 12, pytest.approx(0.45))


def test_each_run_has_its_own_sum(billed):
    found = {}
    for trace in (1, 2, 3, 4):
        [run] = queries.trace_summary(billed, OneTrace(trace_id=trace_hex(trace))).to_pylist()
        found[trace] = (run["strategy"], run["calls"], run["unpriced_calls"], run["cost_usd"])

    assert found == {
        1: ("moa", 9, 2, pytest.approx(0.15)),
        2: ("other", 2, 0, pytest.approx(0.3)),
        # Nobody knows what it cost, which is not nothing.
        3: ("other", 1, 1, None),
        4: ("direct", 1, 0, pytest.approx(0.06)),
    }


def test_each_strategy_has_its_own_sum_and_a_request_within_another_has_none(billed):
    found = {
        row["strategy"]: (row["runs"], row["calls"], row["unpriced_calls"], row["spend_usd"])
        for row in queries.by_strategy(billed, Window(**EVERYTHING)).to_pylist()
    }

    assert found == {
        "moa": (1, 9, 2, pytest.approx(0.15)),
        "other": (2, 3, 1, pytest.approx(0.3)),
        "direct": (1, 1, 0, pytest.approx(0.06)),
    }


def test_each_model_has_its_own_sum(billed):
    day = Buckets(since_ns=NOON - DAY, until_ns=NOON + DAY, bucket_seconds=2 * 86_400)
    found = {
        row["model"]: (row["calls"], row["unpriced_calls"], row["spend_usd"])
        for row in queries.spend_by_model(billed, day).to_pylist()
    }

    assert found == {
        A: (5, 1, pytest.approx(0.11)),  # 3, 4, 10, 11 and 12
        B: (2, 1, pytest.approx(0.03)),
        C: (2, 0, pytest.approx(0.01)),
        "other": (3, 1, pytest.approx(0.3)),
        "sim/a": (1, 0, pytest.approx(0.06)),
    }


def test_spans_alone_add_up_to_the_same(billed):
    """What explorers ask by hand, and other tools that read the table."""
    with billed.file.reading() as cursor:
        [found] = cursor.execute(
            "select count(*), sum(cost_usd), sum(input_tokens), sum(output_tokens) from spans where is_llm_call"
        ).fetchall()

    assert found == (13, pytest.approx(0.51), 1660, 166)


def test_what_arrives_after_the_parts_were_merged_is_added_once(store, land, monkeypatch):
    monkeypatch.setattr("collector.store.duckdb.settling.MOST_WAITING", 1)
    for late in (MIXED[3:4], MIXED[9:10]):
        land([each for each in ALL if each not in late and each not in MIXED[5:]])
        land(late)
    land(ALL)

    [totals] = queries.totals(store, Window(**EVERYTHING)).to_pylist()
    assert (totals["calls"], totals["spend_usd"], totals["unpriced_calls"]) == (13, pytest.approx(0.51), 3)


def test_a_window_that_ends_between_the_calls_of_a_run_has_the_run_whole_or_not_at_all(billed):
    amid = NOON + 3 * MS
    [before] = queries.totals(billed, Window(since_ns=NOON - SECOND, until_ns=amid)).to_pylist()
    [after] = queries.totals(billed, Window(since_ns=amid, until_ns=NOON + SECOND)).to_pylist()

    assert (before["runs"], before["spend_usd"]) == (4, pytest.approx(0.51))
    assert (after["runs"], after["calls"], after["spend_usd"]) == (0, 0, 0.0)
