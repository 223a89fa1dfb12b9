"""Thoughts: how many a run has, how long, and whether they come where they help, which is after tools."""

from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding
from collector.statistics.observed import Observed, SpanKey, as_table
from collector.statistics.spent import REAL, SPENT, TEXT, TRUTH, WHOLE
from collector.statistics.tallies import share
from collector.store.interface import Answers
from composite_llm import conventions as c

RUNS = pa.schema(
    {
        "trace_id": TEXT,
        "start_ns": WHOLE,
        "strategy": TEXT,
        "thoughts": WHOLE,
        "chars": WHOLE,
        "after_tool": WHOLE,
        "after_tool_share": REAL,
        "used_up": TRUTH,
        **SPENT,
    }
)


def think_runs(store: Answers, period: RunsOf) -> pa.Table:
    """One row per run that could think, in the order of time: trace_id, start_ns, strategy (`think`, or that of a run
    whose models had the tool), thoughts (0 where it had none), chars (of all), after_tool (thoughts after another
    tool's result), after_tool_share, used_up (whether thinking ended at max_thinks), calls, cost_usd (null if unknown),
    unpriced_calls, input_tokens, output_tokens."""
    observed = Observed.of(store, "think", period)
    thoughts, ended = observed.runs(c.THINK_INDEX), observed.runs(c.THINK_USED_UP)
    asked = {request.key: [request] for request in observed.of_type(c.REQUEST) if request.strategy == "think"}
    rows = [
        _run(observed, run, (asked.get(run) or thoughts[run])[0], thoughts.get(run, []), ended.get(run, []))
        for run in asked | thoughts
    ]
    return as_table(sorted(rows, key=lambda row: (row["start_ns"], row["trace_id"])), RUNS)


def _run(
    observed: Observed, run: SpanKey, first: Finding, thoughts: list[Finding], ended: list[Finding]
) -> dict[str, Any]:
    request = observed.request(run)
    after_tool = sum(thought.flag(c.THINK_AFTER_TOOL) is True for thought in thoughts)
    return {
        "trace_id": run[0],
        "start_ns": first.start_ns,
        "strategy": request.strategy if request else None,
        "thoughts": len(thoughts),
        "chars": sum(thought.whole(c.THINK_CHARS) or 0 for thought in thoughts),
        "after_tool": after_tool,
        "after_tool_share": share(after_tool, len(thoughts)),
        "used_up": any(stage.flag(c.THINK_USED_UP) for stage in ended),
        **observed.spent_below(run).columns,
    }
