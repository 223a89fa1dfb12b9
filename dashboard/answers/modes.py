"""What is answered about the runs of a mode."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """How the runs of a mode are spread by one measure: US dollars, milliseconds, or a count."""

    measure: str
    """cost_usd, latency_ms, tokens or calls."""
    runs: int
    """Whose value is known whole."""
    mean: float
    least: float
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float
    most: float
    median_least: float | None
    """The median lies between this and the next one, 97.5 % sure; None where there are too few runs."""
    median_most: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One of a histogram: the runs in [low, high)."""

    measure: str
    is_log: bool
    bin: int
    low: float
    high: float
    runs: int


@dataclass(frozen=True, slots=True)
class Place:
    """One of the merged tree of runs. All amounts are sums over these runs; those of calls hold what is below, too."""

    place: int
    above: int | None
    depth: int
    kind: str
    """run, stage, request, call, model, rlm_node, orphans, others, or another type of span."""
    label: str
    runs: int
    """In which it occurs."""
    spans: int
    failed: int
    failed_calls: int
    calls: int
    cost_usd: float | None
    unpriced_calls: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    waited_ms: float
    """Of the runs' critical paths."""
    elapsed_ms: float
    first_ms: float
    matching: int
    """Runs in all, of which the newest are looked at."""

    @property
    def is_lower_bound(self) -> bool:
        return self.unpriced_calls > 0


@dataclass(frozen=True, slots=True)
class Score:
    """What evaluators made of the newest runs under one name, in their own unit."""

    name: str
    scores: int
    runs: int
    mean: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class RunError:
    """One kind of error, with its latest example."""

    error_type: str
    failed: str
    model: str
    spans: int
    runs: int
    trace_id: str
    span_id: str
