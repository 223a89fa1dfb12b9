"""What requests and recursive nodes say of themselves: what they were given, how they ended, which limits they met."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from collector.parameters import CallsOf
from collector.statistics.finding import Finding
from collector.statistics.spent import REAL, TEXT, TRUTH, WHOLE
from collector.store.interface import Answers
from composite_llm import conventions as c

Read = Callable[[Finding, str], Any]
MOST_INTERVALS = 1000
"""More than are ever recorded."""


def _seen(finding: Finding, key: str) -> list[list[int]] | None:
    """Whole, in order and none within another; None where it says something else."""
    told = finding.json(key, list)
    if told is None or len(told) > MOST_INTERVALS:
        return None
    reached = 0
    for each in told:
        if not (isinstance(each, list) and len(each) == 2 and all(type(end) is int for end in each)):
            return None
        if not reached <= each[0] <= each[1]:
            return None
        reached = each[1]
    return told


_KEYS: Mapping[str, tuple[pa.DataType, Read, str]] = {
    "rlm_depth": (WHOLE, Finding.whole, c.RLM_DEPTH),
    "max_depth": (WHOLE, Finding.whole, c.RLM_MAX_DEPTH),
    "node_id": (TEXT, Finding.text, c.RLM_NODE_ID),
    "iterations": (WHOLE, Finding.whole, c.RLM_ITERATIONS),
    "termination": (TEXT, Finding.text, c.RLM_TERMINATION),
    "stop_reason": (TEXT, Finding.text, c.STOP_REASON),
    "degraded": (TRUTH, Finding.flag, c.DEGRADED),
    "context_chars": (WHOLE, Finding.whole, c.RLM_CONTEXT_CHARS),
    "context_tokens": (WHOLE, Finding.whole, c.RLM_CONTEXT_TOKENS),
    "context_start": (WHOLE, Finding.whole, c.RLM_CONTEXT_START),
    "context_end": (WHOLE, Finding.whole, c.RLM_CONTEXT_END),
    "context_sha256": (TEXT, Finding.text, c.RLM_CONTEXT_SHA256),
    "query_chars": (WHOLE, Finding.whole, c.RLM_QUERY_CHARS),
    "coverage": (REAL, Finding.number, c.RLM_COVERAGE),
    "seen": (pa.list_(pa.list_(WHOLE)), _seen, c.RLM_SEEN),
    "sub_calls": (WHOLE, Finding.whole, c.RLM_SUB_CALLS),
    "sub_call_errors": (WHOLE, Finding.whole, c.RLM_SUB_CALL_ERRORS),
    "depth_limited": (WHOLE, Finding.whole, c.RLM_DEPTH_LIMITED),
    "compactions": (WHOLE, Finding.whole, c.RLM_COMPACTIONS),
    "budget_in_usd": (REAL, Finding.number, c.RLM_BUDGET_USD),
    "budget_in_calls": (WHOLE, Finding.whole, c.RLM_BUDGET_SUB_CALLS),
    "budget_in_seconds": (REAL, Finding.number, c.RLM_BUDGET_SECONDS),
    "limit_usd": (REAL, Finding.number, c.BUDGET_USD),
    "limit_calls": (WHOLE, Finding.whole, c.BUDGET_CALLS),
    "limit_tokens": (WHOLE, Finding.whole, c.BUDGET_TOKENS),
    "budget_refused": (WHOLE, Finding.whole, c.BUDGET_REFUSED),
    "budget_shortened": (WHOLE, Finding.whole, c.BUDGET_SHORTENED),
}
NODES = pa.schema(
    {"trace_id": TEXT, "span_id": TEXT, "span_type": TEXT, "start_ns": WHOLE}
    | {name: kind for name, (kind, _, _) in _KEYS.items()}
)


def recursion_nodes(store: Answers, asked: CallsOf) -> pa.Table:
    """One row per composite request and per node of a recursion in these traces, in the order of time: trace_id,
    span_id, span_type (request | rlm_node), start_ns. Of a node: rlm_depth (0-based), max_depth (as deep as nodes may
    stand), node_id (0.2 is the root's third child), iterations (turns), termination (as of composite.rlm.termination),
    context_chars, context_tokens, context_start and context_end (where its text stands in the root's, in characters),
    context_sha256, query_chars, coverage (share of the text that was seen, 0 to 1) and seen (the characters, as pairs
    of start and end), both of the root alone, sub_calls, sub_call_errors, depth_limited (calls that were to recurse
    and had to be plain ones), compactions, budget_in_usd, budget_in_calls and budget_in_seconds (what was left when it
    began). Of a request: stop_reason, degraded, limit_usd, limit_calls and limit_tokens (its budget), budget_refused
    and budget_shortened (calls). What is not told, or is none of its kind, is null."""
    table = store.ask(
        "recursion_nodes",
        {"trace_ids": list(asked.trace_ids), "first_ns": asked.first_ns, "last_ns": asked.last_ns},
    )
    return pa.Table.from_pylist([_row(**row) for row in table.to_pylist()], schema=NODES)


def _row(
    trace_id: str, span_id: str, span_type: str, start_ns: int, attributes: str | None
) -> dict[str, Any]:
    finding = Finding(trace_id, span_id, "", start_ns, span_type, "", "", _object(attributes))
    told = {name: read(finding, key) for name, (_, read, key) in _KEYS.items()}
    return {"trace_id": trace_id, "span_id": span_id, "span_type": span_type, "start_ns": start_ns} | told


def _object(attributes: str | None) -> str:
    try:
        return attributes if attributes and isinstance(json.loads(attributes), dict) else "{}"
    except (ValueError, RecursionError):
        return "{}"
