"""Which spans a run was waiting for, moment by moment.

Jaeger's walk, backwards from the end: a span waits for the child that finished last, before that for the
child that finished last before this one started, and so on; the time between is the span's own. Children
that overrun their parent are trimmed to it. A call whose answer was no longer wanted, the loser of a hedge
or what a quorum left behind, ends because another one did: it is on the path only where nothing else was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class PlacedSpan(NamedTuple):
    """A row of the question `trace_spans`, as far as it matters here."""

    span_id: str
    depth: int
    start_ms: float
    end_ms: float
    is_wanted: bool = True
    """False for a call that was cancelled, or whose answer came too late to matter."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the critical path that was spent in one span itself."""

    span_id: str
    start_ms: float
    end_ms: float


class _Stretch(NamedTuple):
    """Time between two moments: of the span at `row`, None for the whole trace. `is_walked`: it is its own."""

    row: int | None
    start_ms: float
    end_ms: float
    is_walked: bool = False


def critical_path(spans: Sequence[PlacedSpan]) -> list[Segment]:
    """Segments in order of time, none empty. `spans` are in depth-first order.

    Spans without a parent, of which a broken trace has several, count as children of the trace itself.
    """
    if not spans:
        return []
    children = _children(spans)
    path: list[Segment] = []
    stack = [_Stretch(None, min(span.start_ms for span in spans), max(span.end_ms for span in spans))]
    while stack:
        stretch = stack.pop()
        if not stretch.is_walked:
            stack.extend(reversed(_walked(stretch, spans, children.get(stretch.row, ()))))
        elif stretch.row is not None:
            path.append(Segment(spans[stretch.row].span_id, stretch.start_ms, stretch.end_ms))
    return path[::-1]


def _children(spans: Sequence[PlacedSpan]) -> dict[int | None, list[int]]:
    """Children of each span that has some, by position; depth-first order and depth say who is whose."""
    children: dict[int | None, list[int]] = {}
    last_at: list[int | None] = [None]
    for index, span in enumerate(spans):
        children.setdefault(last_at[span.depth], []).append(index)
        if span.depth + 1 < len(last_at):
            last_at[span.depth + 1] = index
        else:
            last_at.append(index)
    return children


def _walked(stretch: _Stretch, spans: Sequence[PlacedSpan], children: Sequence[int]) -> list[_Stretch]:
    """The walk through one span, from its end to its start."""
    if not children:
        return [stretch._replace(is_walked=True)]
    steps = _backwards(stretch, spans, (child for child in children if spans[child].is_wanted))
    unwanted = [child for child in children if not spans[child].is_wanted]
    if not unwanted:
        return steps
    return [
        part for step in steps for part in (_backwards(step, spans, unwanted) if step.is_walked else [step])
    ]


def _backwards(stretch: _Stretch, spans: Sequence[PlacedSpan], children: Iterable[int]) -> list[_Stretch]:
    row, since, reached = stretch.row, stretch.start_ms, stretch.end_ms
    clipped = [
        (min(spans[child].end_ms, reached), max(spans[child].start_ms, since), child) for child in children
    ]
    steps: list[_Stretch] = []
    for end, start, child in sorted(clipped, key=lambda each: each[:2], reverse=True):
        if start < end <= reached:
            if end < reached:
                steps.append(_Stretch(row, end, reached, is_walked=True))
            steps.append(_Stretch(child, start, end))
            reached = start
    if since < reached:
        steps.append(_Stretch(row, since, reached, is_walked=True))
    return steps
