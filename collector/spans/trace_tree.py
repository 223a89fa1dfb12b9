"""The spans of one trace as a tree, in the order a reader goes through it.

Spans may name a parent that is absent, or each other in a circle, and a chain may be ten thousand deep; so
nothing here recurses, and every span comes out exactly once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class TimedSpan(NamedTuple):
    span_id: str
    parent_span_id: str | None
    start_ns: int
    duration_ns: int

    @property
    def end_ns(self) -> int:
        return self.start_ns + self.duration_ns


@dataclass(
    slots=True
)  # not frozen: there are as many as spans, and a frozen one takes three times as long to make
class Place:
    """Where a span stands in its tree."""

    index: int
    """The span's position in what was given."""
    depth: int
    self_ns: int
    """Its duration without the time its children cover."""
    is_orphan: bool
    """It names a parent that is not there, or that is below itself."""


def depth_first(spans: Sequence[TimedSpan]) -> list[Place]:
    """Parents before children; siblings, and the roots, by start and then by span id."""
    by_start = sorted(range(len(spans)), key=lambda index: (spans[index].start_ns, spans[index].span_id))
    children = _children(spans, by_start)
    has_parent = {child for siblings in children.values() for child in siblings}
    roots = [index for index in by_start if index not in has_parent]
    places: list[Place] = []
    seen: set[int] = set()
    # What no root reaches lies in a circle, which is entered at its earliest span.
    for start in [*roots, *by_start]:
        stack = [(start, 0)]
        while stack:
            index, depth = stack.pop()
            if index in seen:
                continue
            seen.add(index)
            span, below = spans[index], children.get(index)
            own = self_ns(span, [spans[child] for child in below]) if below else span.duration_ns
            places.append(Place(index, depth, own, depth == 0 and span.parent_span_id is not None))
            if below:
                stack.extend([(child, depth + 1) for child in reversed(below)])
    return places


def _children(spans: Sequence[TimedSpan], by_start: Iterable[int]) -> dict[int, list[int]]:
    position = {span.span_id: index for index, span in enumerate(spans)}
    children: dict[int, list[int]] = defaultdict(list)
    for index in by_start:
        above = spans[index].parent_span_id
        if above and (parent := position.get(above)) is not None:
            children[parent].append(index)
    return children


def self_ns(span: TimedSpan, children: Iterable[TimedSpan]) -> int:
    """The part of `span` that no child covers; a child's time outside of it does not count."""
    covered = 0
    reached = span.start_ns
    for child in sorted(children, key=lambda child: child.start_ns):
        start = max(child.start_ns, reached)
        end = min(child.end_ns, span.end_ns)
        if end > start:
            covered += end - start
            reached = end
    return span.duration_ns - covered
