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


@dataclass(frozen=True, slots=True)
class NestedRun:
    """A run in which something may stand inside its like."""

    trace_id: str
    start_ns: int
    end_ns: int
    strategy: str | None
    model_name: str | None
    question: str | None
    latency_ms: float
    spans: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    unpriced_calls: int
    status: str
    simulated: bool
    matching: int
    """Such runs in all, of which the newest are told."""


@dataclass(frozen=True, slots=True)
class RunDepth:
    """One depth of one run, without what stands deeper."""

    trace_id: str
    depth: int
    levels: int
    opened: list[int]
    """By each of the levels, right below it."""
    calls: int
    cost_usd: float | None
    unpriced_calls: int
    failed_calls: int
    depth_limited: int
    out_of_budget: int
    out_of_turns: int
    out_of_time: int
    repeated_texts: int


@dataclass(frozen=True, slots=True)
class SubQuestion:
    """One question to one model in one run, however often it was asked there."""

    trace_id: str
    model: str
    digest: str | None
    """None: the input is not stored, and these calls cannot be told apart."""
    calls: int
    unpriced_calls: int
    spend_usd: float
    first_span_id: str
    first_ns: int
    first_usd: float | None
