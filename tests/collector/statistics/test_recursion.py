"""What nested runs come to by depth, over runs whose numbers can be added up."""

import pytest

from collector.mode_queries import NewestRuns
from collector.recursion.questions import nested_runs
from collector.statistics.recursion import recursion_depths
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING
from tests.collector.statistics.observed_runs import Made, Staged, run
from tests.otlp_traces import moa_trace, trace_hex

ALL = NewestRuns(**EVERYTHING)


def node(depth, calls=(), *, under=None, **found):
    told = {c.RLM_DEPTH: depth, c.RLM_TERMINATION: "answer"} | found
    return Staged("rlm", told, calls, under=under, span_type=c.RLM_NODE)


def rows(table, *columns):
    return [tuple(row[column] for column in columns) for row in table.to_pylist()]


@pytest.fixture
def tree(land):
    """A root with 2 calls at 3 cents, two nodes below it, one of which has an unpriced call and a node of its own."""
    land(
        run(
            "rlm",
            [
                node(0, [Made("rlm_root", 0), Made("rlm_leaf", 1)], **{c.RLM_CONTEXT_SHA256: "a"}),
                node(
                    1,
                    [Made("rlm_node", 0, cents=5), Made("rlm_leaf", 0, cents=None)],
                    under=0,
                    **{c.RLM_DEPTH_LIMITED: 4, c.RLM_CONTEXT_SHA256: "b"},
                ),
                node(
                    1,
                    under=0,
                    **{c.RLM_CONTEXT_SHA256: "b", c.RLM_TERMINATION: "calls"},
                ),
                node(2, [Made("rlm_node", 0, cents=1)], under=1, **{c.RLM_TERMINATION: "iterations"}),
            ],
        )
    )


def test_each_depth_has_what_its_own_calls_come_to(store, tree):
    depths = recursion_depths(store, ALL)

    assert rows(depths, "depth", "levels", "opened", "calls", "unpriced_calls", "input_tokens") == [
        (0, 1, [2], 2, 0, 200),
        (1, 2, [1, 0], 2, 1, 200),
        (2, 1, [0], 1, 0, 100),
    ]
    assert depths["cost_usd"].to_pylist() == pytest.approx([0.06, 0.05, 0.01])


def test_limits_are_told_where_they_were_met(store, tree):
    told = ("depth_limited", "out_of_budget", "out_of_turns", "out_of_time", "repeated_texts")

    assert rows(recursion_depths(store, ALL), *told) == [
        (0, 0, 0, 0, 0),
        (4, 1, 0, 0, 1),
        (0, 0, 1, 0, 0),
    ]


def test_a_composite_inside_a_composite_nests_and_a_plain_one_does_not(store, land):
    land(moa_trace(7))
    land(run("graph", [Staged("graph.views", {}, [Made("writer", 0)])], trace=8))
    land(run("moa", [Staged("moa.propose", {}, [Made("proposer", 0, cents=2)])], trace=8, first=50, above=2))

    assert rows(nested_runs(store, ALL), "trace_id", "spans", "matching") == [(trace_hex(8), 6, 1)]
    depths = recursion_depths(store, ALL)
    assert rows(depths, "trace_id", "depth", "levels", "calls") == [
        (trace_hex(8), 0, 1, 1),
        (trace_hex(8), 1, 1, 1),
    ]
    assert depths["cost_usd"].to_pylist() == pytest.approx([0.03, 0.02])


def test_a_span_above_a_request_is_no_recursion(store, land):
    land(run("moa", [Staged("moa.propose", {}, [Made("proposer", 0)])], first=2, above=1))

    assert nested_runs(store, ALL).num_rows == 1  # it may be
    assert recursion_depths(store, ALL).num_rows == 0


def test_only_as_many_runs_as_are_asked_for_are_looked_at_and_all_are_counted(store, land):
    for trace in (1, 2, 3):
        land(run("rlm", [node(0)], trace=trace, start_ms=trace))

    few = NewestRuns(**EVERYTHING, most_runs=2)
    assert rows(nested_runs(store, few), "trace_id", "matching") == [(trace_hex(3), 3), (trace_hex(2), 3)]
    assert set(recursion_depths(store, few)["trace_id"].to_pylist()) == {trace_hex(3), trace_hex(2)}


def test_simulated_runs_and_other_strategies_are_left_out_when_asked(store, land):
    land(run("rlm", [node(0)], trace=1, simulated=True))
    land(run("rlm", [node(0)], trace=2))

    real = NewestRuns(**EVERYTHING, origin="real")
    assert nested_runs(store, real)["trace_id"].to_pylist() == [trace_hex(2)]
    assert nested_runs(store, NewestRuns(**EVERYTHING, strategies=("moa",))).num_rows == 0
