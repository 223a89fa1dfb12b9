"""The books of a request: every figure below is added up by hand."""

from dataclasses import replace

import pytest

from composite_llm.accounting.ledger import CallRecord, Cost, Ledger, Usage
from composite_llm.accounting.receipts import Receipt


def record(outcome="ok", *, model="m", usage=None, cost=None, refused=False):
    return CallRecord("stage", "member", 0, 1, model, outcome, 1.0, usage, cost, refused=refused)


def test_a_request_costs_the_sum_of_its_calls_and_a_stage_only_its_own():
    request = Ledger()
    proposals, aggregation = Ledger(parent=request), Ledger(parent=request)
    proposals.book(record(usage=Usage(100, 20, cached=40), cost=Cost(0.003, 0.001, 0.002)))
    proposals.book(record(usage=Usage(100, 30, reasoning=5), cost=Cost(0.004, 0.001, 0.003)))
    aggregation.book(record(usage=Usage(200, 50, cache_write=8), cost=Cost(0.02, 0.01, 0.01)))

    assert proposals.cost_usd == pytest.approx(0.007, abs=1e-12)
    assert request.cost_usd == pytest.approx(0.027, abs=1e-12)
    assert request.usage == Usage(input=400, output=100, cached=40, cache_write=8, reasoning=5)


def test_a_call_without_a_price_makes_the_whole_cost_unknown_but_keeps_what_is_known():
    ledger = Ledger()
    ledger.book(record(usage=Usage(10, 10), cost=Cost(0.3)))
    ledger.book(record(model="local/llama", usage=Usage(10, 10)))

    assert ledger.cost_usd is None
    assert ledger.cost_status == "partial"
    assert ledger.known_cost_usd == 0.3
    assert ledger.unpriced_models == ["local/llama"]


def test_with_no_priced_call_the_cost_is_unknown_and_not_zero():
    ledger = Ledger()
    ledger.book(record(usage=Usage(10, 10)))

    assert (ledger.cost_status, ledger.cost_usd) == ("unknown", None)


def test_an_answer_that_was_used_again_cost_nothing_and_did_not_fail():
    ledger = Ledger()
    ledger.book(record("cached", cost=Cost(0.0, 0.0, 0.0)))

    assert (ledger.cost_status, ledger.cost_usd, ledger.failures) == ("known", 0.0, 0)


def test_a_refused_call_cost_nothing():
    ledger = Ledger()
    ledger.book(record("error", refused=True))

    assert (ledger.cost_status, ledger.cost_usd) == ("known", 0.0)


@pytest.mark.parametrize("outcome", ["timeout", "cancelled", "error"])
def test_a_call_that_was_sent_and_never_answered_may_have_cost_something(outcome):
    ledger = Ledger()
    ledger.book(record(outcome))

    assert (ledger.cost_status, ledger.cost_usd) == ("unknown", None)


def test_failures_count_what_gave_no_answer_but_not_what_was_cancelled():
    ledger = Ledger()
    for outcome in ("ok", "error", "timeout", "empty", "cancelled"):
        ledger.book(record(outcome))

    assert ledger.failures == 3


def test_a_receipt_lists_calls_as_the_strategy_asked_them():
    ledger = Ledger()
    for stage, index, attempt in [("a", 2, 1), ("a", 0, 2), ("a", 0, 1), ("a", 1, 1), ("b", 0, 1)]:
        ledger.book(replace(record(), stage=stage, index=index, attempt=attempt))

    told = Receipt.of(ledger, model="m", strategy="s", request_id="r", trace_id="t", seconds=1.0).calls

    assert [(call.stage, call.index, call.attempt) for call in told] == [
        ("a", 0, 1), ("a", 0, 2), ("a", 1, 1), ("a", 2, 1), ("b", 0, 1),
    ]  # fmt: skip
