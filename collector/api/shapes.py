"""What the answers of the API look like; OpenAPI shows it."""

from typing import Annotated

from pydantic import BaseModel, Field

Cost = Annotated[float | None, Field(description="In US dollars; null where nobody knows it.")]
LowerBound = Annotated[bool, Field(description="Calls without a known price are left out of the cost.")]


class Tokens(BaseModel):
    input_tokens: Annotated[int, Field(description="Includes cached tokens.")]
    output_tokens: Annotated[int, Field(description="Includes reasoning tokens.")]
    cached_tokens: int
    reasoning_tokens: int


class Trace(Tokens):
    """One run."""

    trace_id: str
    started: str
    latency_ms: float
    status: Annotated[
        str, Field(description="ok, error (its root failed) or running (its root has not come yet).")
    ]
    strategy: str
    model_name: Annotated[str | None, Field(description="What the client asked for.")]
    root_name: str
    question: str | None
    models: list[str]
    spans: int
    calls: int
    errors: Annotated[int, Field(description="Spans with an error; a run may get over some.")]
    cost_usd: Cost
    is_lower_bound: LowerBound
    unpriced_calls: int
    simulated: bool
    service_name: str | None
    session_id: str | None
    user_id: str | None
    tags: list[str] | None


class TracePage(BaseModel):
    traces: list[Trace]
    next: Annotated[str | None, Field(description="Give it as `cursor` for the page that follows.")]


class Match(BaseModel):
    trace: Trace
    span_id: Annotated[str, Field(description="The latest span of the run that says the text.")]
    span_name: str
    said_at: Annotated[str, Field(description="When that span started.")]
    excerpt: Annotated[str, Field(description="What stands around the text, as it is stored.")]


class SearchStep(BaseModel):
    """A line of `GET /search`."""

    matches: Annotated[list[Match], Field(description="What this stretch of time added.")]
    searched_since: Annotated[str, Field(description="All spans that start later have been looked at.")]
    share: Annotated[float, Field(description="Of the spans to be searched, 1 in the end.")]
    state: Annotated[str, Field(description="searching, complete or enough.")]


class Span(BaseModel):
    span_id: str
    parent_span_id: str | None
    depth: int
    is_orphan: Annotated[bool, Field(description="It names a parent that is not there.")]
    name: str
    span_type: str | None
    role: str | None
    strategy: str | None
    stage_kind: str | None
    stage_name: str | None
    model: str | None
    provider: str | None
    start_ms: Annotated[float, Field(description="From the start of the trace.")]
    end_ms: float
    duration_ms: float
    self_ms: Annotated[float, Field(description="Without the time its children cover.")]
    status: str
    outcome: str | None
    error_type: str | None
    status_message: str | None
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: Cost
    cost_source: str | None
    billing: Annotated[str | None, Field(description="Of a call: priced, unpriced or unbilled.")]
    usage_source: Annotated[
        str | None, Field(description="Who counted its tokens: provider, estimated, missing or none.")
    ]
    dialect: Annotated[str | None, Field(description="Whose attribute names were read.")]
    usage_rule: Annotated[str | None, Field(description="Why its usage counts, or does not.")]
    is_llm_call: Annotated[bool, Field(description="Its tokens and cost count.")]
    simulated: bool
    attempt: int | None
    call_index: int | None
    is_hedge: Annotated[bool, Field(description="Sent beside an attempt that took long.")]


class Receipt(Tokens):
    """What the calls of one model, or all calls, used and cost."""

    calls: int
    cost_usd: Cost
    is_lower_bound: LowerBound
    unpriced_calls: int


class ModelReceipt(Receipt):
    model: str


class WholeTrace(BaseModel):
    summary: Trace
    total: Receipt
    by_model: list[ModelReceipt]
    spans: Annotated[list[Span], Field(description="Parents before children, siblings by their start.")]


class Mode(BaseModel):
    """One strategy."""

    strategy: str
    runs: int
    cost_usd: Cost
    is_lower_bound: LowerBound
    unpriced_calls: int
    cost_per_run_usd: Cost
    calls: int
    calls_per_run: float
    p50_latency_ms: float
    p95_latency_ms: float
    failed_runs: int
    failed_share: Annotated[float, Field(description="Of its runs, from 0 to 1.")]
    runs_with_errors: int
    uncached_input_tokens: int
    cached_tokens: int
    visible_output_tokens: int
    reasoning_tokens: int


class Modes(BaseModel):
    modes: list[Mode]


class Summary(Tokens):
    """One window of time at a look."""

    since: Annotated[str | None, Field(description="null: from the first trace on.")]
    until: Annotated[str | None, Field(description="null: up to now and after.")]
    runs: int
    failed_runs: int
    runs_with_errors: int
    simulated_runs: int
    calls: int
    unbilled_calls: Annotated[int, Field(description="Refused, so that nothing was used.")]
    cost_usd: Cost
    is_lower_bound: LowerBound
    unpriced_calls: int
    cost_per_run_usd: Cost
    p50_latency_ms: float | None
    p95_latency_ms: float | None
    by_strategy: list[Mode]
