"""The rows of the answers that diagnostics are made of. Money is in US dollars."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UnpricedModel:
    """What nobody knows the cost of, by model and by whose attribute names were read."""

    model: str
    dialect: str
    is_call: bool
    """False for a span that does not count but tells of more usage than those that do."""
    is_simulated: bool
    calls: int
    runs: int
    cut_off: int
    """Calls that no price would help: they did not end well, or their provider told no tokens."""
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    example_trace_id: str


@dataclass(frozen=True, slots=True)
class UsageRule:
    """Spans of other libraries whose usage counts, or does not, for one reason."""

    rule: str
    dialect: str
    counts: bool
    spans: int
    traces: int
    input_tokens: int
    output_tokens: int
    told_usd: float | None
    example_trace_id: str
    example_span_id: str


@dataclass(frozen=True, slots=True)
class Oddity:
    """One kind of strange span."""

    kind: str
    spans: int
    traces: int
    example_trace_id: str
    most_ms: float | None
    twice_usd: float | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Grown:
    bucket: datetime
    """Start of the day on the reader's clock, in UTC."""
    runs: int
    spans: int


@dataclass(frozen=True, slots=True)
class RunShape:
    trace_id: str
    depth: int
    spans: int
    calls: int
    has_tools: bool
    matching: int
    """Runs in all, of which the newest are looked at."""


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A model, and how long runs waited for it. Times are sums over the runs looked at."""

    model: str
    runs: int
    calls: int
    path_ms: float
    side_by_side: int
    straggled: int
    straggled_ms: float
    example_trace_id: str
    latency_ms: float
    looked_at: int
    matching: int


@dataclass(frozen=True, slots=True)
class ModelCost:
    model: str
    spend_usd: float
    calls: int
    unpriced_calls: int


@dataclass(frozen=True, slots=True)
class Trust:
    """Of the totals, what says how far they can be trusted."""

    runs: int
    calls: int
    spend_usd: float
    priced_calls: int
    unpriced_calls: int
    simulated_runs: int
