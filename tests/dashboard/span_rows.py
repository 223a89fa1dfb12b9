"""Rows of the question `trace_spans` written by hand."""

import pyarrow as pa

COLUMNS = {
    "span_id": None,
    "parent_span_id": None,
    "depth": 0,
    "name": "span",
    "span_type": None,
    "role": None,
    "strategy": None,
    "stage_kind": None,
    "stage_name": None,
    "model": None,
    "start_ms": 0.0,
    "end_ms": 1000.0,
    "self_ms": 0.0,
    "status": "ok",
    "outcome": None,
    "error_type": None,
    "status_message": None,
    "input_tokens": None,
    "output_tokens": None,
    "cost_usd": None,
    "billing": None,
    "usage_source": None,
    "usage_rule": None,
    "is_llm_call": False,
    "simulated": False,
    "is_orphan": False,
    "is_hedge": False,
    "attempt": None,
    "call_index": None,
}


def spans(*rows: dict) -> pa.Table:
    whole = [COLUMNS | row for row in rows]
    table = {name: [row[name] for row in whole] for name in COLUMNS}
    table["duration_ms"] = [row["end_ms"] - row["start_ms"] for row in whole]
    return pa.table(table)


def span(span_id: str, depth: int, start_ms: float, end_ms: float, **more) -> dict:
    return {"span_id": span_id, "depth": depth, "start_ms": float(start_ms), "end_ms": float(end_ms), **more}


def call(span_id: str, depth: int, start_ms: float, end_ms: float, **more) -> dict:
    """A model call that succeeded, with 10 tokens in and 1 out."""
    usual = {"span_type": "llm_call", "role": "proposer", "model": "openai/gpt-4o", "is_llm_call": True}
    usual |= {"billing": "priced" if "cost_usd" in more else "unpriced"}
    usual |= {"outcome": "ok", "input_tokens": 10, "output_tokens": 1, "attempt": 1, "call_index": 0}
    return span(span_id, depth, start_ms, end_ms, **{**usual, **more})
