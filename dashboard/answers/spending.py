"""What a window of runs came to. Buckets are UTC."""

from dataclasses import dataclass
from datetime import datetime


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
