"""What nodes say of themselves, and that nothing is taken on trust."""

import pytest

from collector.parameters import CallsOf
from collector.recursion.nodes import recursion_nodes
from composite_llm import conventions as c
from tests.collector.statistics.observed_runs import Made, Staged, run
from tests.otlp_traces import span_hex, trace_hex

NODE = {
    c.RLM_DEPTH: 0,
    c.RLM_NODE_ID: "0",
    c.RLM_TERMINATION: "budget",
    c.RLM_CONTEXT_CHARS: 1000,
    c.RLM_COVERAGE: 0.5,
    c.RLM_SEEN: [[0, 400], [900, 1000]],
    c.RLM_DEPTH_LIMITED: 3,
    c.RLM_BUDGET_USD: 0.25,
    c.RLM_BUDGET_SUB_CALLS: 50,
}


def asked(*traces):
    return CallsOf(trace_ids=tuple(trace_hex(trace) for trace in traces), first_ns=0, last_ns=2**63 - 1)


def test_a_row_for_the_request_and_one_for_the_node(store, land):
    land(run("rlm", [Staged("rlm", NODE, [Made("rlm_root", 0)], span_type=c.RLM_NODE)]))

    request, node = recursion_nodes(store, asked(1)).to_pylist()

    assert (request["span_id"], request["span_type"], request["stop_reason"]) == (
        span_hex(1),
        "request",
        "complete",
    )
    assert node["span_id"] == span_hex(2)
    told = ("rlm_depth", "node_id", "termination", "context_chars", "coverage", "seen", "depth_limited")
    assert [node[name] for name in told] == [0, "0", "budget", 1000, 0.5, [[0, 400], [900, 1000]], 3]
    assert (node["budget_in_usd"], node["budget_in_calls"], node["budget_in_seconds"]) == (0.25, 50, None)


def test_only_of_the_traces_that_are_asked_for(store, land):
    for trace in (1, 2):
        land(run("rlm", [Staged("rlm", NODE, span_type=c.RLM_NODE)], trace=trace))

    assert set(recursion_nodes(store, asked(2))["trace_id"].to_pylist()) == {trace_hex(2)}


@pytest.mark.parametrize(
    "seen", ["no JSON", "{}", "[[1]]", "[[5, 2]]", "[[0, 9], [3, 12]]", "[[-1, 2]]", "[[true, 2]]", "[0]", 7]
)
def test_intervals_that_cannot_be_are_none(store, land, seen):
    land(run("rlm", [Staged("rlm", {c.RLM_SEEN: seen}, span_type=c.RLM_NODE)]))

    assert recursion_nodes(store, asked(1))["seen"].to_pylist() == [None, None]
