"""What is asked to find out whether the figures can be trusted, and what makes runs slow and dear. One function a
question, as in `collector.queries`.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from collector.mode_queries import NewestRuns
from collector.parameters import Buckets, CallsOf, Period, Window
from collector.statistics.bottlenecks import bottlenecks
from collector.statistics.run_shapes import run_shapes
from collector.store.interface import Answers


def unpriced_models(store: Answers, window: Window) -> pa.Table:
    """One row per model and dialect of what nobody knows the cost of, the most calls first: model, dialect (whose attribute
    names were read; composite for our own), is_call (false for a span that does not count but tells of more usage than
    those that do), is_simulated, calls, runs, cut_off (calls that no price would help), input_tokens,
    output_tokens, cached_tokens, reasoning_tokens, last_ns (start of the latest), example_trace_id."""
    return store.ask("unpriced_models", _bound(window))


def usage_rules(store: Answers, period: Period) -> pa.Table:
    """One row per rule and dialect of other libraries' spans, the most spans first: rule (of `collector.usage.rules`),
    dialect, counts, spans, traces, input_tokens, output_tokens, told_usd (null if none tells any), example_trace_id,
    example_span_id."""
    return store.ask("usage_rules", _bound(period))


def growth(store: Answers, buckets: Buckets) -> pa.Table:
    """One row per bucket, gaps filled: bucket (UTC), runs that began in it, spans of these."""
    return store.ask("growth", _bound(buckets))


def runs_with_tools(store: Answers, asked: CallsOf) -> pa.Table:
    """One row per run of those given in which a tool ran, or to which the client gave tools: trace_id."""
    return store.ask("runs_with_tools", _bound(asked))


DIAGNOSIS_QUESTIONS: dict[str, tuple[Callable[[Answers, Any], pa.Table], Any]] = {
    "unpriced_models": (unpriced_models, Window),
    "usage_rules": (usage_rules, Period),
    "growth": (growth, Buckets),
    "runs_with_tools": (runs_with_tools, CallsOf),
    "run_shapes": (run_shapes, NewestRuns),
    "bottlenecks": (bottlenecks, NewestRuns),
}


def _bound(asked: Window | Period | CallsOf) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(asked).items()}
