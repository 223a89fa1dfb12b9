"""What requests and recursive nodes say of themselves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """As `recursion_nodes` tells it; None is what was not recorded."""

    trace_id: str
    span_id: str
    span_type: str
    rlm_depth: int | None = None
    max_depth: int | None = None
    node_id: str | None = None
    iterations: int | None = None
    termination: str | None = None
    stop_reason: str | None = None
    context_chars: int | None = None
    context_tokens: int | None = None
    context_start: int | None = None
    context_end: int | None = None
    context_sha256: str | None = None
    query_chars: int | None = None
    coverage: float | None = None
    seen: list[list[int]] | None = None
    sub_calls: int | None = None
    sub_call_errors: int | None = None
    depth_limited: int | None = None
    compactions: int | None = None
    budget_in_usd: float | None = None
    budget_in_calls: int | None = None
    budget_in_seconds: float | None = None
    limit_usd: float | None = None
    limit_calls: int | None = None
    limit_tokens: int | None = None
    budget_refused: int | None = None
    budget_shortened: int | None = None
