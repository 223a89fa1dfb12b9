"""One function a question, named like its SQL file; the docstring lists what the answer holds.

A run is one trace. Latency is from a trace's first start to its last end. Money and tokens are sums over
model calls only; a call nobody could price is counted in `unpriced_calls` and adds nothing to any sum.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from collector.diagnosis_queries import DIAGNOSIS_QUESTIONS
from collector.dialects.foreign import CONTENT_COLUMNS, foreign_content
from collector.mode_queries import MODE_QUESTIONS, NewestRuns
from collector.odd_spans import odd_spans
from collector.parameters import (
    Buckets,
    CallsOf,
    ChosenRuns,
    IdBeginning,
    Listed,
    Nothing,
    OfStrategy,
    OneSpan,
    OneTrace,
    Parameters,
    Period,
    RunsOf,
    SaidIn,
    SomeSpans,
    TraceFilter,
    Window,
    Words,
)
from collector.recursion.questions import RECURSION_QUESTIONS
from collector.run_queries import RUN_QUESTIONS, traces
from collector.spans.oddities import MEANINGS
from collector.spans.trace_tree import TimedSpan, depth_first
from collector.spending_queries import Spenders, spenders
from collector.statistics.mode_scores import mode_scores
from collector.statistics.mode_structure import mode_structure
from collector.statistics.named import STATISTICS
from collector.store.interface import Answers


def totals(store: Answers, window: Window) -> pa.Table:
    """One row: runs, calls, spend_usd, priced_calls, unpriced_calls, unbilled_calls, cost_per_run_usd, p50_latency_ms,
    p95_latency_ms, runs_with_errors, failed_runs, input_tokens, output_tokens, cached_tokens,
    reasoning_tokens, simulated_runs, unfinished_runs (without a root yet). The averages are null where nothing ran."""
    return store.ask("totals", _bound(window))


def totals_over_time(store: Answers, buckets: Buckets) -> pa.Table:
    """One row per bucket, gaps filled: bucket (UTC), runs, spend_usd, cost_per_run_usd, p95_latency_ms,
    runs_with_errors, unpriced_calls, uncached_input_tokens, cached_tokens, visible_output_tokens, reasoning_tokens."""
    return store.ask("totals_over_time", _bound(buckets))


def spend_by_model(store: Answers, buckets: Buckets) -> pa.Table:
    """One row per bucket and model: bucket (UTC), model, spend_usd, calls, unpriced_calls."""
    return store.ask("spend_by_model", _bound(buckets))


def latency_by_strategy(store: Answers, buckets: Buckets) -> pa.Table:
    """One row per bucket and strategy: bucket (UTC), strategy, runs, p50_ms, p95_ms."""
    return store.ask("latency_by_strategy", _bound(buckets))


def by_strategy(store: Answers, window: Window) -> pa.Table:
    """One row per strategy, the dearest first: strategy, runs, spend_usd, priced_calls, unpriced_calls,
    cost_per_run_usd, p50_cost_usd, p95_cost_usd, most_cost_usd (these three of what is known of each run, so where calls
    are unpriced at least so much), calls, calls_per_run, p50_latency_ms, p95_latency_ms, runs_with_errors, failed_runs,
    uncached_input_tokens, cached_tokens, visible_output_tokens, reasoning_tokens."""
    return store.ask("by_strategy", _bound(window))


def by_mode(store: Answers, window: Window) -> pa.Table:
    """One row per composite that was asked for by name, the dearest first: mode (`moa` of composite/moa/openai/gpt-4o,
    `quick` of composite/quick and composite/profile/quick), runs, spend_usd, priced_calls, unpriced_calls,
    cost_per_run_usd, calls_per_run, p50_latency_ms, p95_latency_ms, runs_with_errors, failed_runs, simulated_runs."""
    return store.ask("by_mode", _bound(window))


def content_matches(store: Answers, words: Words) -> pa.Table:
    """One row per trace that says the words in the input or output of a span, the latest first: trace_id,
    start_ns of that span. `collector.search` asks this a stretch of time after the other."""
    return store.ask("content_matches", _bound(words))


def said(store: Answers, asked: SaidIn) -> pa.Table:
    """One row per trace that says the text in the period, the latest first: trace_id, span_id, span_name and start_ns
    of the latest span that does, excerpt (up to 240 characters around the text, as they are stored)."""
    return store.ask("said", _bound(asked))


def chosen_runs(store: Answers, chosen: ChosenRuns) -> pa.Table:
    """One row per run of those given that passes the filters, the newest first, with the columns of `traces`."""
    return store.ask("chosen_runs", _bound(chosen))


def counted_calls(store: Answers, asked: CallsOf) -> pa.Table:
    """One row per model call of these traces that counts: trace_id, span_id, strategy, model, is_llm_call,
    status_code, billing, duration_ns, cost_usd, input_tokens, output_tokens, cached_tokens, reasoning_tokens."""
    return store.ask("counted_calls", _bound(asked))


def span_count(store: Answers, period: Period) -> pa.Table:
    """One row: spans that start in the period, first_ns and last_ns of their starts, null where there are none."""
    return store.ask("span_count", _bound(period))


def first_starts(store: Answers, listed: Listed) -> pa.Table:
    """One row per trace and moment until as_of_ns at which spans of it landed: trace_id, landed_ns, start_ns of the
    first of these spans."""
    return store.ask("first_starts", _bound(listed))


def running(store: Answers, window: Window) -> pa.Table:
    """One row per run without a root yet, the newest first: trace_id, started and last_seen (UTC), strategy,
    model_name, question, service_name, spans, calls, errors, input_tokens, output_tokens, cost_usd (so far;
    null if unknown), unpriced_calls, models, simulated."""
    return store.ask("running", _bound(window))


def trace_summary(store: Answers, trace: OneTrace) -> pa.Table:
    """One row with the columns of `traces`, or none."""
    return store.ask("trace_summary", _bound(trace))


def trace_ids(store: Answers, beginning: IdBeginning) -> pa.Table:
    """One row per run whose trace id begins with the digits given, the newest first, ten at most: trace_id,
    start_ns."""
    return store.ask("trace_ids", _bound(beginning))


def trace_bounds(store: Answers, trace: OneTrace) -> pa.Table:
    """One row, or none: first_ns and last_ns, between which all spans of the trace start."""
    return store.ask("trace_bounds", _bound(trace))


def trace_spans(store: Answers, trace: OneTrace) -> pa.Table:
    """One row per span in depth-first order: span_id, parent_span_id, depth, name, span_type, role,
    strategy, stage_kind, stage_name, model, provider, start_ms and end_ms (from the trace's start),
    duration_ms, self_ms, status (ok | error), outcome, error_type, status_message, the five kinds of tokens,
    cost_usd, cost_source, billing, usage_source, dialect (whose attribute names were read), usage_rule (why the usage of a
    foreign span counts, or does not), is_llm_call (its usage counts), is_orphan, simulated, attempt, call_index,
    is_hedge (sent beside an attempt that took long)."""
    flat = store.ask("trace_spans", _located(store, trace))
    columns = (flat[name].to_pylist() for name in ("span_id", "parent_span_id", "start_ns", "duration_ns"))
    spans = [TimedSpan(*values) for values in zip(*columns, strict=True)]
    trace_start = min((span.start_ns for span in spans), default=0)
    places = depth_first(spans)
    ordered = [spans[place.index] for place in places]
    order = pa.array([place.index for place in places], pa.int64())
    table = flat.take(order)
    hedges = [hedge == "true" for hedge in table["hedge"].to_pylist()]
    table = table.drop_columns(["start_ns", "duration_ns", "hedge"])
    for name, values in {
        "depth": pa.array([place.depth for place in places], pa.int64()),
        "start_ms": pa.array([(span.start_ns - trace_start) / 1e6 for span in ordered], pa.float64()),
        "end_ms": pa.array([(span.end_ns - trace_start) / 1e6 for span in ordered], pa.float64()),
        "self_ms": pa.array([place.self_ns / 1e6 for place in places], pa.float64()),
        "is_hedge": pa.array(hedges, pa.bool_()),
        "is_orphan": pa.array([place.is_orphan for place in places], pa.bool_()),
    }.items():
        table = table.append_column(name, values)
    return table


def span_detail(store: Answers, span: OneSpan) -> pa.Table:
    """One row, or none: what `trace_spans` says without the tree, and trace_id, started (UTC), kind,
    price_version, usage_source, input_value, output_value, input_messages, output_messages, resource,
    attributes (all of them, by their original keys), events, links (these four are JSON), scope_name,
    scope_version, trace_state."""
    table = store.ask("span_detail", _located(store, span))
    # Without its start: Python has no nanoseconds, and this process no pandas that has.
    for row in table.drop_columns(["started"]).to_pylist():
        attributes = pa.array([json.dumps(all_attributes(row), ensure_ascii=False)], pa.string())
        table = table.set_column(table.schema.get_field_index("attributes"), "attributes", attributes)
    return table


def span_contents(store: Answers, asked: SomeSpans) -> pa.Table:
    """One row per span of those given that the trace has, in order of time: span_id, attributes (JSON, without the
    texts), input_text and output_text (messages as JSON or a plain text, cut to as many characters as are wanted),
    input_chars and output_chars (of the whole; null where there is none)."""
    return store.ask("span_contents", _located(store, asked))


def trace_otlp(store: Answers, trace: OneTrace) -> pa.Table:
    """One row per span with all that OTLP says of it, for `collector.spans.otlp_export`; attributes without the
    four texts of content, which stand beside them."""
    return store.ask("trace_otlp", _located(store, trace))


def strategies(store: Answers, nothing: Nothing) -> pa.Table:
    """One row per strategy that ever ran: strategy, runs."""
    return store.ask("strategies", _bound(nothing))


def models(store: Answers, nothing: Nothing) -> pa.Table:
    """One row per model that was ever called: model, calls."""
    return store.ask("models", _bound(nothing))


def period_bounds(store: Answers, period: Period) -> pa.Table:
    """One row: first_ns and last_ns, between which all spans lie of the traces that are under way in the period."""
    return store.ask("period_bounds", _bound(period))


def oddities(store: Answers, period: Period) -> pa.Table:
    """One row per kind of oddity, the most frequent first: kind, spans, traces, example_trace_id, most_ms (by how
    much, where it is about time), twice_usd (what totals count twice, where it is about responses told again),
    models (up to twenty, where it is about prices), meaning. Of the spans that start in the period, and of those
    that arrived in it with a time that cannot be right."""
    found = odd_spans(store, period)
    meanings = [MEANINGS.get(kind, "") for kind in found["kind"].to_pylist()]
    return found.append_column("meaning", pa.array(meanings, pa.string()))


def findings(store: Answers, asked: OfStrategy) -> pa.Table:
    """One row per span of the strategy's runs that is no model call, in no order, those of composites inside them or
    around them, too: trace_id, span_id, parent_span_id, start_ns, duration_ns, span_type, strategy, stage_kind,
    stage_name, attributes (JSON; null where nothing was found out)."""
    return store.ask("findings", _bound(asked))


def strategy_calls(store: Answers, asked: OfStrategy) -> pa.Table:
    """One row per model call that counts in the traces in which the strategy ran, in no order: trace_id,
    span_id, parent_span_id, start_ns, duration_ns, strategy, role, call_index, model, outcome, billing, cost_usd,
    input_tokens, output_tokens."""
    return store.ask("strategy_calls", _bound(asked))


def store_counts(store: Answers, nothing: Nothing) -> pa.Table:
    """One row: traces, simulated_traces, spans, llm_calls, unpriced_calls, oldest_span_ns, newest_span_ns."""
    return store.ask("store_counts", _bound(nothing))


@dataclass(frozen=True, slots=True)
class Question:
    answer: Callable[[Answers, Any], pa.Table]
    parameters: type[Parameters]


QUESTIONS = {
    "totals": Question(totals, Window),
    "totals_over_time": Question(totals_over_time, Buckets),
    "spend_by_model": Question(spend_by_model, Buckets),
    "latency_by_strategy": Question(latency_by_strategy, Buckets),
    "by_strategy": Question(by_strategy, Window),
    "by_mode": Question(by_mode, Window),
    "spenders": Question(spenders, Spenders),
    "traces": Question(traces, TraceFilter),
    "content_matches": Question(content_matches, Words),
    "said": Question(said, SaidIn),
    "chosen_runs": Question(chosen_runs, ChosenRuns),
    "counted_calls": Question(counted_calls, CallsOf),
    "span_count": Question(span_count, Period),
    "first_starts": Question(first_starts, Listed),
    "running": Question(running, Window),
    "trace_summary": Question(trace_summary, OneTrace),
    "trace_ids": Question(trace_ids, IdBeginning),
    "trace_bounds": Question(trace_bounds, OneTrace),
    "trace_spans": Question(trace_spans, OneTrace),
    "span_detail": Question(span_detail, OneSpan),
    "span_contents": Question(span_contents, SomeSpans),
    "trace_otlp": Question(trace_otlp, OneTrace),
    "strategies": Question(strategies, Nothing),
    "models": Question(models, Nothing),
    "period_bounds": Question(period_bounds, Period),
    "oddities": Question(oddities, Period),
    "findings": Question(findings, OfStrategy),
    "strategy_calls": Question(strategy_calls, OfStrategy),
    "store_counts": Question(store_counts, Nothing),
    "mode_structure": Question(mode_structure, NewestRuns),
    "mode_scores": Question(mode_scores, NewestRuns),
    **{name: Question(answer, RunsOf) for name, answer in STATISTICS.items()},
    **{name: Question(*asked) for name, asked in RUN_QUESTIONS.items()},
    **{name: Question(*asked) for name, asked in MODE_QUESTIONS.items()},
    **{name: Question(*asked) for name, asked in DIAGNOSIS_QUESTIONS.items()},
    **{name: Question(*asked) for name, asked in RECURSION_QUESTIONS.items()},
}


def all_attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes as they were sent: the texts of content are stored in columns of their own only."""
    attributes: dict[str, Any] = json.loads(row["attributes"])
    texts = {key: row[column] for key, column in CONTENT_COLUMNS.items() if row[column] is not None}
    for own, key in foreign_content(row["dialect"]):
        if own in texts and attributes.get(key, "") is None:
            attributes[key] = texts.pop(own)
    return texts | attributes


def _located(store: Answers, trace: OneTrace) -> dict[str, Any]:
    """The parameters, and when to look: spans lie in the order of time, so that spares reading every id there is."""
    bounds = trace_bounds(store, OneTrace(trace_id=trace.trace_id)).to_pylist() or [
        {"first_ns": 0, "last_ns": 0}
    ]
    return _bound(trace) | bounds[0]


def _bound(parameters: Parameters) -> dict[str, Any]:
    """Parameters as DuckDB binds them, which knows lists and no tuples."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(parameters).items()
    }
