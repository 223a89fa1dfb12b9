"""The list of runs: one page of it, how deep its runs are, and what it can be narrowed to. One function a question, as
in `collector.queries`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from collector.parameters import CallsOf, Nothing, TraceFilter
from collector.store.interface import Answers

Key = tuple[str, str]
"""Of a span: its trace id and its own."""

MOST_MEASURED = 5_000
MOST_SPANS = 200_000
"""Of the runs whose depth is looked at, which takes a look at every span: a second or so, however large the store."""


def traces(store: Answers, trace_filter: TraceFilter) -> pa.Table:
    """One row per run, in the order asked for, among equals the newest first: trace_id, started (UTC), root_name,
    model_name, strategy, question, latency_ms, spans, calls, errors, failed, input_tokens, output_tokens, cached_tokens,
    reasoning_tokens, cost_usd (null if unknown), unpriced_calls, models, simulated, service_name, session_id, user_id,
    tags, status (ok | error | running), matching (runs on this page and those that follow), looked_at (of how many that
    is: where depth is asked for the newest alone are measured, else all)."""
    wanted = _bound(trace_filter) | {"attribute_count": len(trace_filter.attributes)}
    min_depth = wanted.pop("min_depth")
    if min_depth <= 1 and trace_filter.sort != "depth":
        return store.ask("traces", wanted)
    newest = {"sort": "newest", "page_size": MOST_MEASURED, "page_offset": 0}
    return _page_by_depth(store, trace_filter, store.ask("traces", wanted | newest))


def depths(store: Answers, asked: CallsOf) -> pa.Table:
    """One row per trace, by trace id: trace_id, depth (levels of spans, one below the other; 1 for a span alone)."""
    found = deepest(store.ask("depths", _bound(asked)))
    ids = sorted(found)
    return pa.table(
        {"trace_id": pa.array(ids, pa.string()), "depth": pa.array(map(found.__getitem__, ids), pa.int64())}
    )


def mode_names(store: Answers, nothing: Nothing) -> pa.Table:
    """One row per strategy or profile that was ever asked for by its name: mode."""
    return store.ask("mode_names", _bound(nothing))


def tag_names(store: Answers, nothing: Nothing) -> pa.Table:
    """One row per tag that a run carries, a thousand at most: tag."""
    return store.ask("tag_names", _bound(nothing))


RUN_QUESTIONS: dict[str, tuple[Callable[[Answers, Any], pa.Table], Any]] = {
    "depths": (depths, CallsOf),
    "mode_names": (mode_names, Nothing),
    "tag_names": (tag_names, Nothing),
}


def deepest(spans: pa.Table) -> dict[str, int]:
    """The number of levels of each trace, of rows with trace_id, span_id and parent_span_id.

    A span whose parent is not there stands on the first level; so does, of spans in a circle, the one with the least
    id. A chain may be ten thousand deep, so nothing recurses.
    """
    columns = (spans[name].to_pylist() for name in ("trace_id", "span_id", "parent_span_id"))
    parents = {(trace, span): (trace, parent) for trace, span, parent in zip(*columns, strict=True)}
    levels: dict[tuple[str, str], int] = {}
    for span in parents:
        _measure(span, parents, levels)
    most: dict[str, int] = {}
    for (trace, _), level in levels.items():
        most[trace] = max(level, most.get(trace, 0))
    return most


def _measure(span: Key, parents: dict[Key, Key], levels: dict[Key, int]) -> None:
    """Up to the first span whose level is known, and down again."""
    way: dict[Key, None] = {}
    while span in parents and span not in levels and span not in way:
        way[span] = None
        span = parents[span]
    below = list(way)
    if span in way:
        entry = below.index(span)
        circle = below[entry:]
        top = circle.index(min(circle))
        _number(circle[top + 1 :] + circle[: top + 1], 0, levels)
        below = below[:entry]
    _number(below, levels.get(span, 0), levels)


def _number(upwards: Sequence[Key], level: int, levels: dict[Key, int]) -> None:
    for span in reversed(upwards):
        level += 1
        levels[span] = level


def _page_by_depth(store: Answers, asked: TraceFilter, newest: pa.Table) -> pa.Table:
    measured = newest.slice(0, _affordable(newest["spans"].to_pylist()))
    depth_of = deepest(store.ask("depths", _bound(_spans_of(measured))))
    depth = [depth_of.get(trace_id, 1) for trace_id in measured["trace_id"].to_pylist()]
    order = [row for row in range(measured.num_rows) if depth[row] >= asked.min_depth]
    if asked.sort != "newest":
        weight = depth if asked.sort == "depth" else _weights(measured, asked.sort)
        order.sort(key=lambda row: -weight[row])
    page = measured.take(pa.array(order[asked.page_offset :][: asked.page_size], pa.int64()))
    for name, value in (("matching", len(order)), ("looked_at", measured.num_rows)):
        column = pa.array([value] * page.num_rows, pa.int64())
        page = page.set_column(page.schema.get_field_index(name), name, column)
    return page


def _affordable(spans: Iterable[int]) -> int:
    """How many of the runs have no more than the most spans together; the first always."""
    runs = together = 0
    for more in spans:
        together += more
        if runs and together > MOST_SPANS:
            break
        runs += 1
    return runs


def _spans_of(runs: pa.Table) -> CallsOf:
    """All spans of these runs lie between the first start and the last end."""
    starts = runs["started"].cast(pa.int64()).to_pylist()
    ends = [start + round(ms * 1e6) for start, ms in zip(starts, runs["latency_ms"].to_pylist(), strict=True)]
    return CallsOf(
        trace_ids=tuple(runs["trace_id"].to_pylist()),
        first_ns=min(starts, default=0),
        last_ns=max(ends, default=0),
    )


def _weights(runs: pa.Table, sort: str) -> list[float]:
    columns = {"cost": ("cost_usd",), "latency": ("latency_ms",), "calls": ("calls",)}
    names = columns.get(sort, ("input_tokens", "output_tokens"))
    return [
        sum(value or 0 for value in row)
        for row in zip(*(runs[name].to_pylist() for name in names), strict=True)
    ]


def _bound(asked: TraceFilter | CallsOf | Nothing) -> dict[str, Any]:
    """Parameters as DuckDB binds them, which knows lists and no tuples."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(asked).items()}
