"""Others' usage on ClickHouse: counted once, whatever order and by whichever collector it comes."""

from itertools import permutations

import pytest

from collector.parameters import OneTrace
from collector.queries import trace_spans, trace_summary
from collector.spans import otlp
from collector.store import usage_decisions
from tests.collector.usage.test_foreign_usage import TREES, agent, call, sums
from tests.otlp_traces import export_request, trace_hex


def land(store, spans):
    store.land(otlp.batch_of(export_request(spans)))


def counted(store, trace=1):
    [row] = trace_summary(store, OneTrace(trace_id=trace_hex(trace))).to_pylist()
    return row["calls"], row["input_tokens"]


@pytest.mark.parametrize("name", TREES)
def test_sums_are_the_same_in_whatever_order_spans_arrive(opened, name):
    one, other = opened(), None
    other = opened(one.location.rpartition("/")[2])
    build, expected = TREES[name]
    orders = list(permutations(range(4)))[::5]
    for trace, order in enumerate(orders, start=1):
        spans = build(trace)
        for turn, index in enumerate(order):
            land((one, other)[turn % 2], [spans[index]])
        found = sums(one, trace)
        assert {key: found[key] for key in expected} == pytest.approx(expected)


def test_a_stale_decision_does_not_replace_a_better_one(opened):
    """One collector judged an agent alone, and writes that down after another one has seen its call."""
    store = opened()
    parts = [agent(1, None, 10, 1), call(2, 1, 10, 1)]
    land(store, parts)
    assert counted(store) == (1, 10)

    late = opened()
    land(late, parts[:1])
    store._connection.command(f"insert into spans select * from {late.location.rpartition('/')[2]}.spans")

    assert counted(store) == (1, 10)
    rules = {
        row["span_id"][-1]: row["is_llm_call"]
        for row in trace_spans(store, OneTrace(trace_id=trace_hex(1))).to_pylist()
    }
    assert rules == {"1": False, "2": True}


def test_what_another_collector_inserted_meanwhile_is_seen_after_the_insert(opened):
    store, elsewhere = opened(), opened()
    land(elsewhere, [call(2, 1, 10, 1)])
    other_database = elsewhere.location.rpartition("/")[2]
    landing = store._landing
    before = landing._usage.decided

    def decided_while_another_inserts(traces, fresh):
        answer = before(traces, fresh)
        for table in ("trace_bounds", "spans"):
            store._connection.command(f"insert into {table} select * from {other_database}.{table}")
        return answer

    landing._usage.decided = decided_while_another_inserts
    land(store, [agent(1, None, 10, 1)])

    assert counted(store) == (1, 10)


def test_a_trace_too_large_to_compare_is_decided_by_kind(opened, monkeypatch):
    monkeypatch.setattr(usage_decisions, "MOST_SPANS", 3)
    store = opened()
    land(store, [agent(1, None, 30, 3), *(call(number, 1, 10, 1) for number in range(2, 5))])
    land(store, [call(5, 1, 10, 1), agent(6, None, 30, 3)])

    assert counted(store) == (4, 40)
