"""Recursive runs: how deep they go, what they see of their text, and what each depth costs."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding
from collector.statistics.observed import Observed, SpanKey, as_table
from collector.statistics.spent import REAL, SPENT, TEXT, WHOLE, Spent
from collector.statistics.tallies import share
from collector.store.interface import Answers
from composite_llm import conventions as c

DEPTHS = pa.schema(
    {
        "depth": WHOLE,
        "nodes": WHOLE,
        "children": WHOLE,
        "mean_fan_out": REAL,
        "most_fan_out": WHOLE,
        "leaf_calls": WHOLE,
        **SPENT,
    }
)
RUNS = pa.schema(
    {
        "trace_id": TEXT,
        "start_ns": WHOLE,
        "termination": TEXT,
        "depth_reached": WHOLE,
        "nodes": WHOLE,
        "iterations": WHOLE,
        "context_chars": WHOLE,
        "context_tokens": WHOLE,
        "coverage": REAL,
        "sub_calls": WHOLE,
        "sub_call_errors": WHOLE,
        "depth_limited": WHOLE,
        "compactions": WHOLE,
        "repeated_texts": WHOLE,
        "budget_in_usd": REAL,
        **SPENT,
    }
)


@dataclass(slots=True)
class _Depth:
    fan_outs: list[int] = field(default_factory=list[int])
    leaves: int = 0
    spent: Spent = field(default_factory=Spent)


def rlm_depths(store: Answers, period: RunsOf) -> pa.Table:
    """One row per depth, the roots' first: depth (0-based), nodes, children (nodes right below these), mean_fan_out and
    most_fan_out (children of a node), leaf_calls (plain calls that their code made, among the calls), and of the nodes'
    own calls, without what stands below them, calls, cost_usd (null if unknown), unpriced_calls, input_tokens,
    output_tokens."""
    observed = Observed.of(store, "rlm", period)
    nearest = observed.nearest(c.RLM_NODE)
    nodes = _nodes(observed)
    children = Counter(above for key in nodes if (above := nearest.get(observed.by_key[key].above)))
    depths: dict[int, _Depth] = {}
    for key, depth in nodes.items():
        depths.setdefault(depth, _Depth()).fan_outs.append(children[key])
    for call in observed.calls:
        node = nearest.get(call.under)
        if node in nodes:
            depths[nodes[node]].spent.book(call)
            depths[nodes[node]].leaves += call.role == "rlm_leaf"
    return as_table((_depth_row(number, depth) for number, depth in sorted(depths.items())), DEPTHS)


def rlm_runs(store: Answers, period: RunsOf) -> pa.Table:
    """One row per recursive run, in the order of time: trace_id, start_ns (of its root node), termination (as of
    composite.rlm.termination; null where the node's end is not known), depth_reached (0: it did not recurse), nodes,
    iterations (turns of the root), context_chars, context_tokens, coverage (share of the root's text that was seen, 0
    to 1), sub_calls, sub_call_errors, depth_limited and compactions (of all its nodes), repeated_texts (nodes whose
    text another node of the run had before them; of questions no digest is kept, so the same question about it cannot
    be told from another), budget_in_usd (null without a limit), calls, cost_usd (null if unknown), unpriced_calls,
    input_tokens, output_tokens. What was short enough for a plain call has no node, and is not here."""
    observed = Observed.of(store, "rlm", period)
    rows = (_run(observed, run, nodes) for run, nodes in observed.runs(c.RLM_DEPTH).items())
    return as_table((row for row in rows if row), RUNS)


def _nodes(observed: Observed) -> dict[SpanKey, int]:
    """By node its depth."""
    found = ((node.key, node.whole(c.RLM_DEPTH)) for node in observed.of_type(c.RLM_NODE))
    return {key: depth for key, depth in found if depth is not None}


def _depth_row(number: int, depth: _Depth) -> dict[str, Any]:
    return {
        "depth": number,
        "nodes": len(depth.fan_outs),
        "children": sum(depth.fan_outs),
        "mean_fan_out": share(sum(depth.fan_outs), len(depth.fan_outs)),
        "most_fan_out": max(depth.fan_outs, default=0),
        "leaf_calls": depth.leaves,
        **depth.spent.columns,
    }


def _run(observed: Observed, run: SpanKey, nodes: list[Finding]) -> dict[str, Any] | None:
    root = next((node for node in nodes if node.whole(c.RLM_DEPTH) == 0), None)
    if root is None:
        return None
    texts = [text for node in nodes if (text := node.text(c.RLM_CONTEXT_SHA256))]
    return {
        "trace_id": root.trace_id,
        "start_ns": root.start_ns,
        "termination": root.text(c.RLM_TERMINATION),
        "depth_reached": root.whole(c.ROLLUP_MAX_DEPTH),
        "nodes": len(nodes),
        "iterations": root.whole(c.RLM_ITERATIONS),
        "context_chars": root.whole(c.RLM_CONTEXT_CHARS),
        "context_tokens": root.whole(c.RLM_CONTEXT_TOKENS),
        "coverage": root.number(c.RLM_COVERAGE),
        "sub_calls": _sum(nodes, c.RLM_SUB_CALLS),
        "sub_call_errors": _sum(nodes, c.RLM_SUB_CALL_ERRORS),
        "depth_limited": _sum(nodes, c.RLM_DEPTH_LIMITED),
        "compactions": _sum(nodes, c.RLM_COMPACTIONS),
        "repeated_texts": len(texts) - len(set(texts)),
        "budget_in_usd": root.number(c.RLM_BUDGET_USD),
        **observed.spent_below(run).columns,
    }


def _sum(nodes: list[Finding], key: str) -> int:
    return sum(node.whole(key) or 0 for node in nodes)
