"""The questions about recursion."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from collector.mode_queries import NewestRuns
from collector.parameters import CallsOf
from collector.recursion.nodes import recursion_nodes
from collector.statistics.recursion import recursion_depths
from collector.store.interface import Answers


def nested_runs(store: Answers, asked: NewestRuns) -> pa.Table:
    """One row per run in which something may stand inside its like, the newest first: trace_id, start_ns, end_ns,
    strategy, model_name, question, latency_ms, spans, calls, errors, input_tokens, output_tokens, cost_usd (null if
    unknown), unpriced_calls, status (ok | error | running), simulated, matching (such runs in all)."""
    return store.ask("nested_runs", asdict(asked) | {"strategies": list(asked.strategies)})


RECURSION_QUESTIONS: dict[
    str, tuple[Callable[[Answers, Any], pa.Table], type[NewestRuns] | type[CallsOf]]
] = {
    "nested_runs": (nested_runs, NewestRuns),
    "recursion_depths": (recursion_depths, NewestRuns),
    "recursion_nodes": (recursion_nodes, CallsOf),
}
