"""Spans of a run that has not ended: nobody has sent them, but what is below them names them.

A program sends a span when it ends. So a run that is under way is what has ended in it, without what is around that.
All of it belongs to one root, which ends last; of the other parents that are missing, each is a stage that is open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from dashboard.naming import columns_of

CONTAINERS = ("stage", "rlm_node")
"""Where the parent of one of these is missing, it is more likely the root than the parent of a call is."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A subtree that is there, whose parent is not."""

    first: int
    rows: int
    parent: str
    span_type: str | None
    start_ms: float


def is_running(spans: pa.Table) -> bool:
    """True while no root has come: the same as the store's status `running`."""
    tops = columns_of(spans, "depth", "is_orphan")
    return spans.num_rows > 0 and not any(depth == 0 and not orphan for depth, orphan in tops)


def with_open_spans(spans: pa.Table) -> tuple[pa.Table, frozenset[str]]:
    """The spans below rows for those that are still open, and the ids of these. They have no duration yet,
    and for an end the last moment anything is known of."""
    if not is_running(spans):
        return spans, frozenset()
    pieces = _pieces(spans)
    root = next((piece.parent for piece in pieces if piece.span_type in CONTAINERS), "")
    missing = [parent for parent in dict.fromkeys(piece.parent for piece in pieces) if parent != root]
    last = max(spans["end_ms"].to_pylist())
    groups = [[piece] for piece in pieces if piece.parent == root]
    groups += [[piece for piece in pieces if piece.parent == parent] for parent in missing]
    groups.sort(key=lambda group: min(piece.start_ms for piece in group))
    strategies = [strategy for (strategy,) in columns_of(spans, "strategy") if strategy]
    rows = [_made(root or "open", 0, pieces, last, span_type="request", name="request", strategy=strategies)]
    order: list[int] = [spans.num_rows]
    depth = [0]
    depths: Sequence[int] = spans["depth"].to_pylist()
    for group in groups:
        below = 1
        if group[0].parent != root:
            order.append(spans.num_rows + len(rows))
            depth.append(1)
            rows.append(_made(group[0].parent, 1, group, last, span_type="stage", name="stage"))
            below = 2
        for piece in group:
            inside = range(piece.first, piece.first + piece.rows)
            order.extend(inside)
            depth.extend(depths[row] + below for row in inside)
    made = pa.Table.from_pylist(rows, schema=spans.schema)
    whole = pa.concat_tables([spans, made]).take(pa.array(order, pa.int64()))
    # Nothing is lost yet: what is above them is only open.
    for name, column in {
        "depth": pa.array(depth, pa.int64()),
        "is_orphan": pa.array([False] * len(order), pa.bool_()),
    }.items():
        whole = whole.set_column(whole.schema.get_field_index(name), name, column)
    return whole, frozenset(row["span_id"] for row in rows)


def _pieces(spans: pa.Table) -> list[_Piece]:
    wanted = ("depth", "parent_span_id", "span_type", "start_ms")
    tops = [(row, *rest) for row, (depth, *rest) in enumerate(columns_of(spans, *wanted)) if depth == 0]
    ends = [row for row, *_ in tops[1:]] + [spans.num_rows]
    return [
        _Piece(row, end - row, parent or "", kind, start)
        for (row, parent, kind, start), end in zip(tops, ends, strict=True)
    ]


def _made(
    span_id: str,
    depth: int,
    pieces: Sequence[_Piece],
    last: float,
    *,
    span_type: str,
    name: str,
    strategy: Sequence[str] = (),
) -> Mapping[str, Any]:
    return {
        "span_id": span_id,
        "depth": depth,
        "name": name,
        "span_type": span_type,
        "strategy": strategy[0] if strategy else None,
        "start_ms": min(piece.start_ms for piece in pieces),
        "end_ms": last,
        "status": "ok",
        "is_llm_call": False,
        "is_orphan": False,
        "is_hedge": False,
        "simulated": False,
    }
