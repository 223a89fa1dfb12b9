"""What is asked about the runs of one mode, and of any others that pass the same filters: how they are spread, what
they are made of, and what fails in them. One function a question, as in `collector.queries`.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from collector.errors import QuestionError
from collector.parameters import CallsOf, Window
from collector.store.interface import Answers

MOST_RUNS, MOST_SPANS = 1_000, 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestRuns(Window):
    """The newest runs of a window, as many as may be looked at span by span."""

    most_runs: int = 500
    most_spans: int = 20_000
    """Of all of them together; a run with more than these is left out."""

    def __post_init__(self) -> None:
        Window.__post_init__(self)
        for name, given, most in (
            ("most_runs", self.most_runs, MOST_RUNS),
            ("most_spans", self.most_spans, MOST_SPANS),
        ):
            if not 1 <= given <= most:
                raise QuestionError(f"{name!r} must lie between 1 and {most}")


def run_measures(store: Answers, window: Window) -> pa.Table:
    """One row per measure (cost_usd, latency_ms, tokens, calls; US dollars, milliseconds): measure, runs (whose value is
    known whole), mean, least, p05, p25, p50, p75, p95, most, median_least and median_most (97.5 % sure; null where there
    are too few runs)."""
    return store.ask("run_measures", _bound(window))


def run_histograms(store: Answers, window: Window) -> pa.Table:
    """One row per bar that is not empty, by measure as in `run_measures`: measure, is_log (bars are equally wide on a
    logarithm's scale), bin (0-based), low, high, runs."""
    return store.ask("run_histograms", _bound(window))


def newest_runs(store: Answers, asked: NewestRuns) -> pa.Table:
    """One row per run, the newest first: trace_id, start_ns, end_ns, spans, matching (runs in all)."""
    return store.ask("newest_runs", _bound(asked))


def run_spans(store: Answers, asked: CallsOf) -> pa.Table:
    """One row per span of the traces, in no order: trace_id, span_id, parent_span_id, start_ns, duration_ns, name,
    span_type, strategy, stage_name, role, model, status_code (2 is an error), outcome, is_llm_call, billing, cost_usd,
    input_tokens, output_tokens, cached_tokens, reasoning_tokens, evaluations (the events, as JSON, of a span that has a
    score; else null)."""
    return store.ask("run_spans", _bound(asked))


def run_errors(store: Answers, asked: CallsOf) -> pa.Table:
    """One row per kind of error in the traces, the most frequent first, ten at most: error_type, failed (role, stage or
    name), model, spans, runs, and of the latest one trace_id, span_id and last_ns."""
    return store.ask("run_errors", _bound(asked))


MODE_QUESTIONS: dict[str, tuple[Callable[[Answers, Any], pa.Table], type[Window] | type[CallsOf]]] = {
    "run_measures": (run_measures, Window),
    "run_histograms": (run_histograms, Window),
    "newest_runs": (newest_runs, NewestRuns),
    "run_spans": (run_spans, CallsOf),
    "run_errors": (run_errors, CallsOf),
}


def _bound(asked: Window | CallsOf) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(asked).items()}
