"""A run's recursion by depth: how many levels there are at each, and what their own calls come to."""

from collections import Counter
from dataclasses import dataclass, field

from dashboard.recursion.nesting import Amounts, Nesting


@dataclass(slots=True)
class AtDepth:
    depth: int
    levels: int = 0
    opened: int = 0
    """Levels right below these."""
    most_opened: int = 0
    """By one of them."""
    own: Amounts = field(default_factory=Amounts)
    """Of the calls at this depth, without what stands deeper."""


def by_depth(nesting: Nesting) -> list[AtDepth]:
    """The outermost first. Calls outside of all levels count at depth 0."""
    found = {depth: AtDepth(depth) for depth in range(nesting.deepest + 1)}
    opened = _opened(nesting)
    for place in _places(nesting):
        at = found[nesting.levels.depth[place]]
        at.levels += 1
        at.opened += opened[place]
        at.most_opened = max(at.most_opened, opened[place])
    for part in nesting.parts:
        found[part.depth].own.add(part.own)
    return [found[depth] for depth in sorted(found)]


def levels(nesting: Nesting) -> int:
    return len(_places(nesting))


def fan_outs(nesting: Nesting) -> list[int]:
    """By level how many it opened."""
    opened = _opened(nesting)
    return [opened[place] for place in _places(nesting)]


def _places(nesting: Nesting) -> list[int]:
    return [place for place in range(len(nesting.levels.opens)) if nesting.levels.begins_level(place)]


def _opened(nesting: Nesting) -> Counter[int]:
    return Counter(above for place in _places(nesting) if (above := nesting.levels.above[place]) >= 0)
