"""The calls a composite is going to make, with their sizes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Size:
    """Of one request, in tokens; the symbols are those of the strategies' cost formulas."""

    question: int
    """q: the client's conversation."""
    answer: int
    """o: of every model that answers."""
    instruction: int
    """s: what a strategy tells a model beside the conversation."""
    verdict: int
    """r: of every model that judges."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One call. Attempts that are tried again come on top of it."""

    stage: str
    model: str
    input: int
    output: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The fewest calls and the most, which differ where answers decide how it goes on."""

    least: Sequence[Planned] = ()
    most: Sequence[Planned] = ()
    ways: Sequence["Plan"] = ()
    """One of these is gone after that. Composites in them are not spelled out yet, so nobody knows which is longer."""

    @classmethod
    def certain(cls, calls: Sequence[Planned]) -> "Plan":
        return cls(calls, calls)

    def then(self, other: "Plan") -> "Plan":
        return Plan([*self.least, *other.least], [*self.most, *other.most])

    def within(self, stage: str) -> "Plan":
        """The same calls, all in one stage of a composite around it."""
        least, most = ([replace(call, stage=stage) for call in calls] for calls in (self.least, self.most))
        return Plan(least, most)


def one_of(ways: Sequence[Plan], weight: Callable[[Sequence[Planned]], Any] = len) -> Plan:
    """The bounds of several, where any of them may be the one; nothing of none."""
    if not ways:
        return Plan()
    return Plan(min((way.least for way in ways), key=weight), max((way.most for way in ways), key=weight))
