"""Which spans a run was waiting for, moment by moment.

Jaeger's walk, backwards from the end: a span waits for the child that finished last, before that for the
child that finished last before this one started, and so on; the time between is the span's own. Children
that overrun their parent are trimmed to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlacedSpan:
    """A row of the question `trace_spans`, as far as it matters here."""

    span_id: str
    depth: int
    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the critical path that was spent in one span itself."""

    span_id: str
    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class _Visit:
    """Walk through `index`, None for the whole trace, between the two moments."""

    index: int | None
    start_ms: float
    end_ms: float


def critical_path(spans: Sequence[PlacedSpan]) -> list[Segment]:
    """Segments in order of time, none empty. `spans` are in depth-first order.

    Spans without a parent, of which a broken trace has several, count as children of the trace itself.
    """
    if not spans:
        return []
    children = _children(spans)
    whole = _Visit(None, min(span.start_ms for span in spans), max(span.end_ms for span in spans))
    path: list[Segment] = []
    stack: list[_Visit | Segment] = [whole]
    while stack:
        match stack.pop():
            case Segment() as segment:
                path.append(segment)
            case _Visit() as visit:
                stack.extend(reversed(_backwards(visit, spans, children[visit.index])))
    return path[::-1]


def _children(spans: Sequence[PlacedSpan]) -> dict[int | None, list[int]]:
    """Children of each span by position; depth-first order and depth say who is whose."""
    children: dict[int | None, list[int]] = {None: []}
    ancestors: list[int | None] = [None]
    for index, span in enumerate(spans):
        del ancestors[span.depth + 1 :]
        children[ancestors[-1]].append(index)
        children[index] = []
        ancestors.append(index)
    return children


def _backwards(visit: _Visit, spans: Sequence[PlacedSpan], children: Sequence[int]) -> list[_Visit | Segment]:
    """The walk through one span, from its end to its start."""
    steps: list[_Visit | Segment] = []
    reached = visit.end_ms

    def wait_alone(since: float) -> None:
        if visit.index is not None and since < reached:
            steps.append(Segment(spans[visit.index].span_id, since, reached))

    clipped = (
        _Visit(child, max(spans[child].start_ms, visit.start_ms), min(spans[child].end_ms, visit.end_ms))
        for child in children
    )
    for child in sorted(clipped, key=lambda child: (child.end_ms, child.start_ms), reverse=True):
        if child.start_ms < child.end_ms <= reached:
            wait_alone(child.end_ms)
            steps.append(child)
            reached = child.start_ms
    wait_alone(visit.start_ms)
    return steps
