"""One run, and one span of it. Starts are UTC."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """One run. `cost_usd` None: calls were made and none has a price."""

    trace_id: str
    started: datetime
    root_name: str
    model_name: str | None
    strategy: str | None
    question: str | None
    latency_ms: float
    spans: int
    calls: int
    errors: int
    failed: bool
    status: str
    """ok, error (a root failed) or running (no root has come)."""
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_usd: float | None
    unpriced_calls: int
    models: list[str]
    simulated: bool
    session_id: str | None = None
    user_id: str | None = None
    tags: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of runs, and how many there are on all pages."""

    runs: list[Summary]
    matching: int
    looked_at: int = 0
    """Of how many runs that is: where depth is asked for, of the newest alone."""


@dataclass(frozen=True, slots=True)
class SpanDetail:
    """One span with its content; what is JSON in it is text."""

    span_id: str
    parent_span_id: str | None
    attempt: int | None
    model: str | None
    status: str
    outcome: str | None
    error_type: str | None
    status_message: str | None
    is_llm_call: bool
    simulated: bool
    duration_ms: float
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: float | None
    cost_source: str | None
    billing: str | None
    """Of a call: priced, unpriced (nobody knows what it cost) or unbilled (refused, so nothing was used)."""
    price_version: str | None
    usage_source: str | None
    dialect: str | None
    """Whose attribute names were read."""
    usage_rule: str | None
    """Of a span that another library made: why its usage counts, or does not."""
    input_value: str | None
    output_value: str | None
    input_messages: str | None
    output_messages: str | None
    attributes: str
    events: str | None
    links: str | None
    resource: str | None


@dataclass(frozen=True, slots=True)
class SpanContent:
    """What one span says, cut to what was asked for; `attributes` is JSON."""

    span_id: str
    attributes: str
    input_text: str | None
    input_chars: int | None
    """Of the whole text; None where there is none."""
    output_text: str | None
    output_chars: int | None
