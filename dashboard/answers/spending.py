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
    unfinished_runs: int
    """Those without a root yet: they still run, or what ran them was stopped."""

    @property
    def cache_hit(self) -> float | None:
        """The share of input tokens that were billed at the price of cached ones."""
        return self.cached_tokens / self.input_tokens if self.input_tokens else None

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
    uncached_input_tokens: int
    cached_tokens: int
    visible_output_tokens: int
    reasoning_tokens: int

    @property
    def token_kinds(self) -> tuple[int, int, int, int]:
        """In the order of `palette.TOKEN_KINDS`; together they are all tokens."""
        return (
            self.uncached_input_tokens,
            self.cached_tokens,
            self.visible_output_tokens,
            self.reasoning_tokens,
        )

    @property
    def cache_hit(self) -> float | None:
        read = self.uncached_input_tokens + self.cached_tokens
        return self.cached_tokens / read if read else None


@dataclass(frozen=True, slots=True)
class ModelSpend:
    bucket: datetime
    model: str
    spend_usd: float
    unpriced_calls: int


@dataclass(frozen=True, slots=True)
class StrategyLatency:
    bucket: datetime
    strategy: str
    runs: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class StrategyTotals:
    strategy: str
    runs: int
    spend_usd: float
    unpriced_calls: int
    cost_per_run_usd: float | None
    p50_cost_usd: float
    """Of what is known of each run; where calls have no price this and the next two are at least so much."""
    p95_cost_usd: float
    most_cost_usd: float
    calls_per_run: float
    p50_latency_ms: float
    p95_latency_ms: float
    uncached_input_tokens: int
    cached_tokens: int
    visible_output_tokens: int
    reasoning_tokens: int

    @property
    def token_kinds(self) -> tuple[int, int, int, int]:
        """In the order of `palette.TOKEN_KINDS`; together they are all tokens."""
        return (
            self.uncached_input_tokens,
            self.cached_tokens,
            self.visible_output_tokens,
            self.reasoning_tokens,
        )

    @property
    def nothing_priced(self) -> bool:
        return self.unpriced_calls > 0 and self.spend_usd == 0


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
class Spender:
    """The runs that carry one user, session, tag or program."""

    name: str
    """Empty: those that carry none."""
    runs: int
    spend_usd: float
    unpriced_calls: int
    cost_per_run_usd: float
    names: int
    """How many there are in all, the empty one among them; an answer holds the dearest."""

    @property
    def nothing_priced(self) -> bool:
        return self.unpriced_calls > 0 and self.spend_usd == 0
