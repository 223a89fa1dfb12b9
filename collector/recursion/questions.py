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


def sub_questions(store: Answers, asked: CallsOf) -> pa.Table:
    """One row per run and question that code of a recursive node, or an agent of another library, asked one model and
    got an answer to, the first one first: trace_id, model, digest (of the whole input; null for all calls of the run
    without stored input), calls, unpriced_calls, spend_usd (of the priced ones), first_span_id, first_ns and first_usd
    (of the first of these calls; null where nobody knows what it cost)."""
    return store.ask("sub_questions", asdict(asked) | {"trace_ids": list(asked.trace_ids)})


RECURSION_QUESTIONS: dict[
    str, tuple[Callable[[Answers, Any], pa.Table], type[NewestRuns] | type[CallsOf]]
] = {
    "nested_runs": (nested_runs, NewestRuns),
    "recursion_depths": (recursion_depths, NewestRuns),
    "recursion_nodes": (recursion_nodes, CallsOf),
    "sub_questions": (sub_questions, CallsOf),
}
