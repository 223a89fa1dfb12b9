"""The rows of the collector's answers, as the dashboard reads them. Columns that are not named here are not used.

Money is the sum of the calls whose price is known; `unpriced_calls` counts the others. Buckets and starts are UTC.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeVar

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Totals:
    """A window of runs."""

    runs: int
    calls: int
    spend_usd: float
    unpriced_calls: int
    cost_per_run_usd: float | None
    p50_latency_ms: float | None
    p95_latency_ms: float | None
    runs_with_errors: int
    failed_runs: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    simulated_runs: int

    @property
    def is_lower_bound(self) -> bool:
        """True when some call has no known price: spend is then at least the sum."""
        return self.unpriced_calls > 0

    @property
    def nothing_priced(self) -> bool:
        """True when no call has a known price: the sum of 0 says nothing."""
        return self.unpriced_calls > 0 and self.spend_usd == 0

    @property
    def error_share(self) -> float | None:
        return self.runs_with_errors / self.runs if self.runs else None


@dataclass(frozen=True, slots=True)
class BucketTotals:
    bucket: datetime
    runs: int
    spend_usd: float
    cost_per_run_usd: float | None
    p95_latency_ms: float | None
    runs_with_errors: int


@dataclass(frozen=True, slots=True)
class ModelSpend:
    bucket: datetime
    model: str
    spend_usd: float


@dataclass(frozen=True, slots=True)
class StrategyLatency:
    bucket: datetime
    strategy: str
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class StrategyTotals:
    strategy: str
    runs: int
    spend_usd: float
    unpriced_calls: int
    cost_per_run_usd: float | None
    calls_per_run: float
    p95_latency_ms: float
    uncached_input_tokens: int
    cached_tokens: int
    visible_output_tokens: int
    reasoning_tokens: int


@dataclass(frozen=True, slots=True)
class ModeTotals:
    """The runs that asked for one strategy or profile by its name."""

    mode: str
    runs: int
    spend_usd: float
    unpriced_calls: int
    cost_per_run_usd: float | None
    calls_per_run: float
    p50_latency_ms: float
    p95_latency_ms: float
    runs_with_errors: int
    failed_runs: int
    simulated_runs: int

    @property
    def nothing_priced(self) -> bool:
        return self.unpriced_calls > 0 and self.spend_usd == 0


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


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of runs, and how many there are on all pages."""

    runs: list[Summary]
    matching: int


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


Answer = TypeVar(
    "Answer",
    Totals,
    BucketTotals,
    ModelSpend,
    StrategyLatency,
    StrategyTotals,
    ModeTotals,
    Summary,
    SpanDetail,
)


def row_of(kind: type[Answer], table: pa.Table) -> Answer:
    """The only row of an answer."""
    return rows_of(kind, table.slice(length=1))[0]


def rows_of(kind: type[Answer], table: pa.Table) -> list[Answer]:
    """The rows of an answer, as far as `kind` names their columns."""
    columns = [_in_microseconds(table[field.name]).to_pylist() for field in fields(kind)]
    return [kind(*values) for values in zip(*columns, strict=True)]


def _in_microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Python's own moments know no nanoseconds, and Arrow would load pandas for them."""
    return column.cast(pa.timestamp("us"), safe=False) if pa.types.is_timestamp(column.type) else column
