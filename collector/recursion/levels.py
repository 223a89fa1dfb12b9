"""Which spans of a trace open a level of recursion, and at which level everything else stands.

A composite request opens one, so does a node of a recursion, and so does an agent, chain or tool of another library
that has model calls below it; one that holds nothing but one other such span is a wrapper, and opens none. A request
and the root node of its recursion are one level. Nothing here recurses: a chain may be ten thousand deep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from composite_llm import conventions as c

NONE = -1


class Nested(NamedTuple):
    """A span of a trace, as far as it matters here. Parents stand before their children."""

    parent: int
    """Its place in the sequence, -1 for a root."""
    span_type: str | None
    is_call: bool
    """A model call that counts."""
    is_foreign: bool
    """Another library made it."""
    tells_of_usage: bool = False
    """It says of more use than the calls stored below it."""


@dataclass(frozen=True, slots=True)
class Levels:
    """By span."""

    bears: list[bool]
    """A model call stands at or below it, or would have: requests and nodes that came to none are told of, too."""
    opens: list[bool]
    level: list[int]
    """The span that opened the level it stands at (itself, if it opens one); -1 outside of all."""
    depth: list[int]
    """Of that level: 0 for the outermost, and outside of all."""
    above: list[int]
    """Of a span that begins a level the one it stands in; -1 for the outermost, and for others."""

    @property
    def deepest(self) -> int:
        return max(self.depth, default=0)

    def begins_level(self, place: int) -> bool:
        """False for the root node of a recursion, which stands for its request."""
        return self.opens[place] and self.level[place] == place


def levels_of(spans: Sequence[Nested]) -> Levels:
    bears = _bearing(spans)
    opens = _opening(spans, bears)
    level, depth = [NONE] * len(spans), [0] * len(spans)
    outer = [NONE] * len(spans)
    opener = [NONE] * len(spans)  # the nearest that opens, a root node among them
    for place, span in enumerate(spans):
        above, nearest = (level[span.parent], opener[span.parent]) if span.parent >= 0 else (NONE, NONE)
        opener[place] = place if opens[place] else nearest
        is_root = nearest >= 0 and span.span_type == c.RLM_NODE and spans[nearest].span_type == c.REQUEST
        if opens[place] and not is_root:
            level[place], depth[place] = place, depth[above] + 1 if above >= 0 else 0
            outer[place] = above
        else:
            level[place], depth[place] = above, depth[above] if above >= 0 else 0
    return Levels(bears, opens, level, depth, outer)


def _bearing(spans: Sequence[Nested]) -> list[bool]:
    bears = [
        span.is_call or span.tells_of_usage or span.span_type in (c.REQUEST, c.RLM_NODE) for span in spans
    ]
    for place in range(len(spans) - 1, -1, -1):
        if bears[place] and spans[place].parent >= 0:
            bears[spans[place].parent] = True
    return bears


def _opening(spans: Sequence[Nested], bears: Sequence[bool]) -> list[bool]:
    below, containers = [0] * len(spans), [0] * len(spans)
    for place, span in enumerate(spans):
        if bears[place] and span.parent >= 0:
            below[span.parent] += 1
            containers[span.parent] += not span.is_call
    return [_opens(span, bears[place], below[place], containers[place]) for place, span in enumerate(spans)]


def _opens(span: Nested, bears: bool, below: int, containers: int) -> bool:
    if span.span_type in (c.REQUEST, c.RLM_NODE):
        return not span.is_call
    is_wrapper = below == 1 == containers and not span.tells_of_usage
    return bears and span.is_foreign and bool(span.span_type) and not span.is_call and not is_wrapper
