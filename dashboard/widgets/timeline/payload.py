"""What the timeline draws: the spans of one trace by column, every text written already.

Numbers become text here and not in JavaScript, so that the timeline, the tables and the inspector agree to the
last digit. Columns instead of rows keep 10,000 spans near one megabyte.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from collector.audit.critical_path import Segment
from dashboard import fmt, palette
from dashboard.palette import Palette
from dashboard.plain import line

Columns = Mapping[str, list[Any]]
CONTAINER_COLOURS = {"request": palette.REQUEST, "stage": palette.STAGE}


def payload(
    spans: pa.Table, critical: Sequence[Segment], colours: Palette, revision: str
) -> dict[str, object]:
    """`spans` is what the question `trace_spans` returns, in its order. `revision` changes when the spans do."""
    column = {name: spans[name].to_pylist() for name in spans.column_names}
    is_call = column["is_llm_call"]
    names = [
        display_name(*row)
        for row in _rows(column, "name", "span_type", "role", "call_index", "strategy", "stage_kind")
    ]
    row_colours = [
        colours.colour_for(model) if call and model else CONTAINER_COLOURS.get(kind or "", palette.STAGE)
        for call, model, kind in _rows(column, "is_llm_call", "model", "span_type")
    ]
    distinct = list(dict.fromkeys(row_colours))
    cost_texts, cost_shares = _costs(column)
    row_of = {span_id: row for row, span_id in enumerate(column["span_id"])}
    latest = max(column["end_ms"], default=0.0)
    return {
        "rev": revision,
        "summary": f"{fmt.plural(len(names), 'span')} · {fmt.duration(latest)}",
        "id": column["span_id"],
        "name": [line(name, 120) for name in names],
        "label": [
            line(model, 80) if call else "" for call, model in zip(is_call, column["model"], strict=True)
        ],
        "depth": column["depth"],
        "start": [round(ms, 3) for ms in column["start_ms"]],
        "end": [round(ms, 3) for ms in column["end_ms"]],
        "duration": [fmt.duration(ms) for ms in column["duration_ms"]],
        "self": [fmt.duration(ms) for ms in column["self_ms"]],
        "call": is_call,
        "colours": distinct,
        "colour": [distinct.index(colour) for colour in row_colours],
        "cost": cost_texts,
        "cost_share": cost_shares,
        "mark": [
            mark(*row) for row in _rows(column, "status", "outcome", "attempt", "is_orphan", "is_llm_call")
        ],
        "error": [
            line(error_type or message or "error", 160) if status == "error" else ""
            for status, error_type, message in _rows(column, "status", "error_type", "status_message")
        ],
        "cancelled": [row for row, outcome in enumerate(column["outcome"]) if outcome == "cancelled"],
        "critical": [
            [row_of[segment.span_id], round(segment.start_ms, 3), round(segment.end_ms, 3)]
            for segment in sorted(critical, key=lambda segment: segment.start_ms)
        ],
    }


def display_name(
    name: str,
    span_type: str | None,
    role: str | None,
    call_index: int | None,
    strategy: str | None,
    stage_kind: str | None,
) -> str:
    """What a reader calls the span: `proposer 2`, `aggregate`, `moa`; else its recorded name."""
    if span_type == "llm_call" and role:
        return role if call_index is None else f"{role} {call_index + 1}"
    if span_type == "stage" and stage_kind:
        return stage_kind
    if span_type == "request" and strategy:
        return strategy
    return name


def mark(status: str, outcome: str | None, attempt: int | None, is_orphan: bool, is_call: bool) -> str:
    """What is unusual about a span, in a word or two: `retry 1 · timeout`, `parent missing`."""
    failed = status == "error" and outcome in (None, "ok")
    words = [
        f"retry {attempt - 1}" if is_call and attempt and attempt > 1 else "",
        "failed" if failed else "",
        outcome if outcome and outcome != "ok" else "",
        "parent missing" if is_orphan else "",
    ]
    return " · ".join(word for word in words if word)


def _costs(column: Columns) -> tuple[list[str], list[float]]:
    """A call's own cost; for everything above it the sum underneath, a lower bound where a price is missing."""
    depths, costs, is_call = column["depth"], column["cost_usd"], column["is_llm_call"]
    calls = [int(call) for call in is_call]
    sums = [cost or 0.0 if call else 0.0 for cost, call in zip(costs, is_call, strict=True)]
    unpriced = [
        int(is_unpriced(*row))
        for row in _rows(column, "is_llm_call", "cost_usd", "outcome", "input_tokens", "output_tokens")
    ]
    total = sum(sums)
    shares = [round(cost / total, 4) if total else 0.0 for cost in sums]
    for row, parent in reversed(list(enumerate(_parents(depths)))):
        if parent >= 0:
            sums[parent] += sums[row]
            unpriced[parent] += unpriced[row]
            calls[parent] += calls[row]
    texts: list[str] = []
    for cost, missing, below, call in zip(sums, unpriced, calls, is_call, strict=True):
        nothing_known = cost == 0 and missing == below
        if not below or (call and nothing_known and not missing):
            texts.append("")
        elif missing and nothing_known:
            texts.append(fmt.UNKNOWN)
        else:
            texts.append(fmt.money(cost, lower_bound=missing > 0))
    return texts, shares


def is_unpriced(
    is_call: bool,
    cost: float | None,
    outcome: str | None,
    input_tokens: int | None,
    output_tokens: int | None,
) -> bool:
    """A call that used tokens or succeeded, at a price nobody knows. A failed call without usage cost nothing known."""
    used = input_tokens is not None or output_tokens is not None
    return is_call and cost is None and (used or outcome == "ok")


def _parents(depths: list[int]) -> list[int]:
    """The row of each row's parent, -1 for a root; rows are in depth-first order."""
    open_rows: list[int] = []
    parents: list[int] = []
    for row, depth in enumerate(depths):
        while open_rows and depths[open_rows[-1]] >= depth:
            open_rows.pop()
        parents.append(open_rows[-1] if open_rows else -1)
        open_rows.append(row)
    return parents


def _rows(column: Columns, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(column[name] for name in names), strict=True)
