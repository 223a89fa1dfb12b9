"""What an average run of a mode is made of."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa

from collector.mode_queries import NewestRuns
from collector.parameters import CallsOf
from collector.spans.trace_tree import TimedSpan
from collector.statistics.merged_tree import RunSpan, Spot, merged
from collector.statistics.observed import as_table
from collector.statistics.spent import REAL, SPENT, TEXT, WHOLE
from collector.store.interface import Answers

PLACES = pa.schema(
    {
        "place": WHOLE,
        "above": WHOLE,
        "depth": WHOLE,
        "kind": TEXT,
        "label": TEXT,
        "runs": WHOLE,
        "spans": WHOLE,
        "failed": WHOLE,
        "failed_calls": WHOLE,
        **SPENT,
        "cached_tokens": WHOLE,
        "reasoning_tokens": WHOLE,
        "waited_ms": REAL,
        "elapsed_ms": REAL,
        "first_ms": REAL,
        "matching": WHOLE,
    }
)
MOST_PLACES = 300
"""Rows; beyond that the deepest ones are left out, whose amounts those above them hold, too."""


def mode_structure(store: Answers, asked: NewestRuns) -> pa.Table:
    """One row per place in the runs' merged tree, in depth-first order, the first for the runs as a whole: place (its
    number), above (that of the place it stands in; null for the first), depth, kind (run | stage | request | call |
    model | rlm_node | orphans | others, or another type of span), label (stage, strategy, role, model …), runs (in which
    it occurs), spans, failed (of its spans those with an error), and of all calls at it and below it failed_calls, calls,
    cost_usd (null if unknown), unpriced_calls, input_tokens, output_tokens, cached_tokens, reasoning_tokens; waited_ms
    (what it and all below it have of the runs' critical paths; those of the places below the first, and what is left over
    there, add up to its elapsed_ms), elapsed_ms (at least one of its spans was under way), first_ms (from the start of
    a run to that of its first span), matching (runs in all, of which the newest are looked at). All but matching are
    sums over the runs looked at."""
    chosen = chosen_by(store, asked)
    table = _read(store, chosen)
    if table is None:
        return as_table([], PLACES)
    top = merged(_spans(table))
    spots = _shown(top)
    numbers = {id(spot): number for number, spot in enumerate(spots)}
    matching = chosen["matching"][0].as_py()
    return as_table((_row(spot, numbers) | {"matching": matching} for spot in spots), PLACES)


def chosen_by(store: Answers, asked: NewestRuns) -> pa.Table:
    """Which runs are looked at: the rows of `newest_runs`."""
    return store.ask("newest_runs", asdict(asked) | {"strategies": list(asked.strategies)})


def spans_of(store: Answers, asked: NewestRuns) -> pa.Table | None:
    """The rows of `run_spans` of all of them, None where there are none."""
    return _read(store, chosen_by(store, asked))


def _read(store: Answers, chosen: pa.Table) -> pa.Table | None:
    runs = chosen.to_pylist()
    if not runs:
        return None
    asked = CallsOf(
        trace_ids=tuple(run["trace_id"] for run in runs),
        first_ns=min(run["start_ns"] for run in runs),
        last_ns=max(run["end_ns"] for run in runs),
    )
    return store.ask("run_spans", asdict(asked) | {"trace_ids": list(asked.trace_ids)})


def _spans(table: pa.Table) -> Iterator[list[RunSpan]]:
    rows = sorted(zip(*(table[name].to_pylist() for name in COLUMNS), strict=True), key=itemgetter(0))
    for _, spans in groupby(rows, key=itemgetter(0)):
        yield [_span(*span) for span in spans]


COLUMNS = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "start_ns",
    "duration_ns",
    "name",
    "span_type",
    "strategy",
    "stage_name",
    "role",
    "model",
    "status_code",
    "outcome",
    "is_llm_call",
    "billing",
    "cost_usd",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
)
ERROR = 2
UNWANTED = frozenset({"cancelled", "hedge_lost", "discarded"})
"""Outcomes of calls whose answer was no longer wanted."""


def _span(
    _: str,
    span_id: str,
    parent_span_id: str | None,
    start_ns: int,
    duration_ns: int,
    name: str,
    span_type: str | None,
    strategy: str | None,
    stage_name: str | None,
    role: str | None,
    model: str | None,
    status_code: int,
    outcome: str | None,
    is_call: bool,
    billing: str | None,
    cost_usd: float | None,
    *tokens: int | None,
) -> RunSpan:
    return RunSpan(
        TimedSpan(span_id, parent_span_id, start_ns, duration_ns),
        name,
        span_type or "",
        strategy or "",
        stage_name or "",
        role or "",
        model or "",
        status_code == ERROR,
        outcome not in UNWANTED,
        is_call,
        billing or "",
        cost_usd,
        *(each or 0 for each in tokens),
    )


def _shown(top: Spot) -> list[Spot]:
    spots = list(top.in_order())
    deepest = max(spot.depth for spot in spots)
    while len(spots) > MOST_PLACES and deepest > 1:
        deepest -= 1
        spots = [spot for spot in spots if spot.depth <= deepest]
    return spots


def _row(spot: Spot, numbers: dict[int, int]) -> dict[str, Any]:
    return {
        "place": numbers[id(spot)],
        "above": numbers[id(spot.above)] if spot.above else None,
        "depth": spot.depth,
        "kind": spot.kind,
        "label": spot.label,
        "runs": spot.runs,
        "spans": spot.spans,
        "failed": spot.failed,
        "failed_calls": spot.failed_calls,
        **spot.spent.columns,
        "cached_tokens": spot.cached_tokens,
        "reasoning_tokens": spot.reasoning_tokens,
        "waited_ms": spot.waited_ms,
        "elapsed_ms": spot.elapsed_ms,
        "first_ms": spot.first_ms,
    }
