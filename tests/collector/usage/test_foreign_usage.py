"""Others' usage in the store: whatever order it comes in, the sums are the same."""

from itertools import permutations

import pytest

from collector.parameters import Buckets, OneSpan, OneTrace, Window
from collector.queries import span_detail, spend_by_model, totals, trace_summary
from collector.store import usage_decisions
from tests.collector.running import EVERYTHING
from tests.otlp_traces import NOON, SECOND, moa_trace, span, span_hex, trace_hex


def call(number, parent, given, made, cost=None, trace=1, **more):
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": given,
        "gen_ai.usage.output_tokens": made,
    }
    if cost is not None:
        told["gen_ai.usage.cost"] = cost
    return span("chat gpt-4o", trace=trace, number=number, parent=parent, attributes=told | more)


def agent(number, parent, given, made, cost=None, trace=1):
    return call(number, parent, given, made, cost, trace, **{"gen_ai.operation.name": "invoke_agent"})


def step(number, parent, trace=1):
    return span("step", trace=trace, number=number, parent=parent)


def sums(store, trace):
    [row] = trace_summary(store, OneTrace(trace_id=trace_hex(trace))).to_pylist()
    names = ("calls", "input_tokens", "output_tokens", "cost_usd", "unpriced_calls", "models", "spans")
    return {name: row[name] for name in names}


TREES = {
    "an agent repeats its calls": (
        lambda t: [
            agent(1, None, 30, 3, 0.3, t),
            step(2, 1, t),
            call(3, 2, 10, 1, 0.1, t),
            call(4, 2, 20, 2, 0.2, t),
        ],
        {"calls": 2, "input_tokens": 30, "output_tokens": 3, "cost_usd": 0.3, "unpriced_calls": 0},
    ),
    "an agent alone knows the cost": (
        lambda t: [
            agent(1, None, 30, 3, 0.3, t),
            step(2, 1, t),
            call(3, 2, 10, 1, None, t),
            call(4, 2, 20, 2, None, t),
        ],
        {"calls": 1, "input_tokens": 30, "output_tokens": 3, "cost_usd": 0.3, "unpriced_calls": 0},
    ),
    "two layers tell of one response": (
        lambda t: [
            step(1, None, t),
            call(2, 1, 10, 1, None, t, **{"gen_ai.response.id": "r"}),
            step(3, 2, t),
            call(4, 3, 10, 1, 0.1, t, **{"gen_ai.response.id": "r"}),
        ],
        {"calls": 1, "input_tokens": 10, "output_tokens": 1, "cost_usd": 0.1, "unpriced_calls": 0},
    ),
    "an agent of more than its calls": (
        lambda t: [
            agent(1, None, 50, 5, 0.5, t),
            step(2, 1, t),
            call(3, 2, 10, 1, 0.1, t),
            call(4, 2, 20, 2, 0.2, t),
        ],
        {"calls": 2, "input_tokens": 30, "output_tokens": 3, "cost_usd": 0.3, "unpriced_calls": 1},
    ),
}


@pytest.mark.parametrize("name", TREES)
def test_every_order_of_arrival_gives_the_same_sums(store, land, name):
    tree, expected = TREES[name]
    orders = list(permutations(range(4)))

    trees = [tree(trace) for trace in range(1, len(orders) + 1)]
    # Each batch brings one more span of every trace.
    for places in zip(*orders, strict=True):
        land([spans[place] for spans, place in zip(trees, places, strict=True)])

    for trace in range(1, len(orders) + 1):
        found = sums(store, trace)
        found["cost_usd"] = round(found["cost_usd"], 9)
        assert found == expected | {"models": ["gpt-4o"], "spans": 4}
    [whole] = totals(store, Window(**EVERYTHING)).to_pylist()
    assert whole["calls"] == 24 * expected["calls"]
    assert whole["spend_usd"] == pytest.approx(24 * expected["cost_usd"])
    by_model = spend_by_model(
        store, Buckets(since_ns=NOON, until_ns=NOON + SECOND, bucket_seconds=1)
    ).to_pylist()
    assert [(row["model"], row["calls"]) for row in by_model] == [("gpt-4o", 24 * expected["calls"])]


def test_what_was_decided_is_corrected_when_more_is_known(store, land):
    land([agent(1, None, 30, 3)])
    [before] = span_detail(store, OneSpan(trace_id=trace_hex(1), span_id=span_hex(1))).to_pylist()
    land([call(2, 1, 30, 3)])
    [after] = span_detail(store, OneSpan(trace_id=trace_hex(1), span_id=span_hex(1))).to_pylist()

    assert (before["is_llm_call"], before["usage_rule"]) == (
        True,
        "container, alone: no span below it carries any usage",
    )
    assert (after["is_llm_call"], after["usage_rule"], after["billing"]) == (
        False,
        "repeats the spans below it",
        None,
    )
    assert after["dialect"] == "gen_ai"


def test_a_span_delivered_again_changes_nothing(store, land):
    spans = [agent(1, None, 30, 3), call(2, 1, 30, 3)]
    land(spans)
    before = sums(store, 1)

    assert land(spans) == 0
    assert land([*spans, call(3, 1, 1, 1)]) == 1
    assert before["calls"] == 1
    assert sums(store, 1)["input_tokens"] == 31


def test_our_own_spans_keep_what_they_say(store, land):
    land(moa_trace())
    before = sums(store, 1)
    # Another library watches one of our calls, and our request from outside.
    around = {"gen_ai.system": "composite", "gen_ai.request.model": "moa/openai/gpt-4o"}
    land([call(90, 3, 100, 10, 0.5), call(91, None, 1000, 100, 0.9, **around)])

    after = sums(store, 1)
    assert after.pop("spans") == before.pop("spans") + 2
    assert {name: after[name] for name in ("calls", "input_tokens", "cost_usd")} == {
        name: before[name] for name in ("calls", "input_tokens", "cost_usd")
    }


def test_a_trace_too_large_to_compare_is_decided_by_kind_in_any_order(store, land, monkeypatch):
    monkeypatch.setattr(usage_decisions, "MOST_SPANS", 3)
    for trace, order in ((1, (0, 1, 2, 3, 4)), (2, (4, 3, 2, 1, 0)), (3, (2, 0, 4, 1, 3))):
        spans = [
            agent(1, None, 30, 3, trace=trace),
            step(2, 1, trace),
            call(3, 2, 10, 1, trace=trace),
            call(4, 2, 20, 2, trace=trace),
            agent(5, 4, 7, 7, trace=trace),
        ]
        for place in order:
            land([spans[place]])

    for trace in (1, 2, 3):
        found = sums(store, trace)
        assert (found["calls"], found["input_tokens"], found["output_tokens"]) == (2, 30, 3)
