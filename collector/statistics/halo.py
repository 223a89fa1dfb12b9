"""HALO: how its searches end, and how much of them is on no path to an answer."""

from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding, as_whole
from collector.statistics.observed import Observed, SpanKey, as_table
from collector.statistics.spent import REAL, SPENT, TEXT, WHOLE
from collector.statistics.tallies import indices, share
from collector.store.interface import Answers
from composite_llm import conventions as c

RUNS = pa.schema(
    {
        "trace_id": TEXT,
        "start_ns": WHOLE,
        "subtasks": WHOLE,
        "stopped_by": TEXT,
        "searches": WHOLE,
        "nodes": WHOLE,
        "chosen_nodes": WHOLE,
        "unused_share": REAL,
        **SPENT,
    }
)


def halo_runs(store: Answers, period: RunsOf) -> pa.Table:
    """One row per run that came to write its answer, in the order of time: trace_id, start_ns (of that), subtasks
    (that came to a result), stopped_by (planner | agreement | subtasks | calls), searches (expansions of a tree), nodes
    (answers in all its trees), chosen_nodes (those on the path to a subtask's best answer), unused_share (of the nodes
    on no such path; null without nodes), calls, cost_usd (null if unknown), unpriced_calls, input_tokens,
    output_tokens."""
    observed = Observed.of(store, "halo", period)
    searches = observed.runs(c.HALO_NODES)
    ends = observed.with_key(c.HALO_STOPPED_BY)
    return as_table((_run(observed, end, observed.run_of(end.key), searches) for end in ends), RUNS)


def _run(
    observed: Observed, end: Finding, run: SpanKey, searches: dict[SpanKey, list[Finding]]
) -> dict[str, Any]:
    held = searches.get(run, [])
    # Each search tells the whole tree of its subtask, so the last one of each holds all.
    trees = {search.whole(c.HALO_SUBTASK): search for search in held}.values()
    nodes = [_nodes(tree) for tree in trees]
    chosen = [set(indices(tree, c.HALO_CHOSEN)) for tree in trees]
    on_path = sum(len(known & path) for known, path in zip(nodes, chosen, strict=True))
    made = sum(map(len, nodes))
    return {
        "trace_id": end.trace_id,
        "start_ns": end.start_ns,
        "subtasks": end.whole(c.HALO_SUBTASKS),
        "stopped_by": end.text(c.HALO_STOPPED_BY),
        "searches": len(held),
        "nodes": made,
        "chosen_nodes": on_path,
        "unused_share": share(made - on_path, made),
        **observed.spent_below(run).columns,
    }


def _nodes(search: Finding) -> set[int]:
    told: list[Any] = search.json(c.HALO_NODES, list) or []
    numbers = (as_whole(each.get("node")) for each in told if isinstance(each, dict))
    return {number for number in numbers if number is not None}
