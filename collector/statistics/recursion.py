"""The newest runs that nest, by depth: what each level does itself, what it opens, and which limits it meets."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector.mode_queries import NewestRuns
from collector.parameters import CallsOf
from collector.recursion.levels import Levels, Nested, levels_of
from collector.recursion.nodes import recursion_nodes
from collector.statistics.looked_at import OpenedRun, look_at
from collector.statistics.spent import SPENT, TEXT, WHOLE, Spent
from collector.store.interface import Answers
from composite_llm import conventions as c

ERROR = 2
MET = ("depth_limited", "out_of_budget", "out_of_turns", "out_of_time", "repeated_texts")
DEPTHS = pa.schema(
    {"trace_id": TEXT, "depth": WHOLE, "levels": WHOLE, "opened": pa.list_(WHOLE)}
    | SPENT
    | {"failed_calls": WHOLE}
    | dict.fromkeys(MET, WHOLE)
)
Told = Mapping[tuple[str, str], Mapping[str, Any]]
"""By trace and span what a request or node says of itself."""


@dataclass(slots=True)
class _Depth:
    opened: list[int] = field(default_factory=list[int])
    spent: Spent = field(default_factory=Spent)
    failed: int = 0
    met: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True, slots=True)
class _Call:
    cost_usd: float | None
    billing: str
    input_tokens: int
    output_tokens: int


def recursion_depths(store: Answers, asked: NewestRuns) -> pa.Table:
    """One row per run of `nested_runs` that does nest, or holds a recursion, and per depth: trace_id, depth (0 for the
    outermost), levels (composites, recursive nodes and agents there), opened (by each of them how many right below it),
    and of the calls at this depth, without what stands deeper, calls, cost_usd (null if unknown), unpriced_calls,
    input_tokens, output_tokens, failed_calls; depth_limited (calls that were to recurse and had to be plain ones),
    out_of_budget (levels that ended for want of money or calls), out_of_turns, out_of_time, repeated_texts (nodes whose
    text another node of the run had before them)."""
    seen = look_at(store, asked, among="nested_runs")
    told = _told(store, seen.spans_of) if seen.spans_of else {}
    rows = (row for run in seen.runs for row in _rows(run, told))
    return pa.Table.from_pylist(list(rows), schema=DEPTHS)


def _told(store: Answers, spans_of: CallsOf) -> Told:
    rows = recursion_nodes(store, spans_of).drop_columns(["seen"]).to_pylist()
    return {(row["trace_id"], row["span_id"]): row for row in rows}


def _rows(run: OpenedRun, told: Told) -> Iterator[dict[str, Any]]:
    levels = levels_of(_nested(run))
    if not levels.deepest and not any(row["span_type"] == c.RLM_NODE for row in run.rows):
        return
    for number, depth in sorted(_by_depth(run, levels, told).items()):
        yield {
            "trace_id": run.trace_id,
            "depth": number,
            "levels": len(depth.opened),
            "opened": depth.opened,
            "failed_calls": depth.failed,
            **depth.spent.columns,
            **{name: depth.met[name] for name in MET},
        }


def _nested(run: OpenedRun) -> list[Nested]:
    """Parents as the tree has them: of spans that name each other in a circle one is a root."""
    above: list[int] = []
    nested: list[Nested] = []
    for number, (row, place) in enumerate(zip(run.rows, run.places, strict=True)):
        del above[place.depth :]
        nested.append(
            Nested(
                above[-1] if above else -1,
                row["span_type"],
                row["is_llm_call"],
                row["strategy"] is None,
                row["billing"] == "unpriced",
            )
        )
        above.append(number)
    return nested


def _by_depth(run: OpenedRun, levels: Levels, told: Told) -> dict[int, _Depth]:
    found: dict[int, _Depth] = {number: _Depth() for number in range(levels.deepest + 1)}
    begun = [place for place in range(len(run.rows)) if levels.begins_level(place)]
    opened = Counter(levels.above[place] for place in begun)
    for place in begun:
        found[levels.depth[place]].opened.append(opened[place])
    for row, number in zip(run.rows, levels.depth, strict=True):
        depth = found[number]
        if row["is_llm_call"] or row["billing"] == "unpriced":
            depth.failed += row["status_code"] == ERROR
            depth.spent.add(_spent(row))
    for number, met in _limits(run.rows, levels.depth, run.trace_id, told):
        found[number].met.update(met)
    return found


def _spent(row: Mapping[str, Any]) -> Spent:
    """Of an agent that tells of more than its calls, what is unknown, and no call."""
    spent = Spent.on(
        [_Call(row["cost_usd"], row["billing"] or "", row["input_tokens"] or 0, row["output_tokens"] or 0)]
    )
    return spent if row["is_llm_call"] else Spent(unpriced=1)


def _limits(
    rows: Iterable[Mapping[str, Any]], depths: Sequence[int], trace_id: str, told: Told
) -> Iterator[tuple[int, dict[str, int]]]:
    texts: set[str] = set()
    for row, depth in zip(rows, depths, strict=True):
        said = told.get((trace_id, row["span_id"]))
        if said is None:
            continue
        ended, text = {said["termination"], said["stop_reason"]}, said["context_sha256"]
        yield (
            depth,
            {
                "depth_limited": said["depth_limited"] or 0,
                "out_of_budget": int(bool(ended & {"budget", "calls"} or said["budget_refused"])),
                "out_of_turns": int("iterations" in ended),
                "out_of_time": int("timeout" in ended),
                "repeated_texts": int(text in texts),
            },
        )
        texts |= {text} if text else set()
