"""Answers compared two at a time, each pair in both orders. Pure functions.

A judge leans towards a place in the list. So a pair is won only by who wins it in both orders; else it is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Duel:
    one: int
    other: int
    """Positions of two answers, the one asked first before the other."""
    as_asked: int | None = None
    """Who won with `one` read first; None where that verdict could not be read."""
    swapped: int | None = None
    """Who won with `other` read first."""

    @property
    def judged(self) -> bool:
        """Whether there are verdicts in both orders."""
        return self.as_asked is not None and self.swapped is not None

    @property
    def flipped(self) -> bool:
        """Whether the order decided it."""
        return self.judged and self.as_asked != self.swapped

    @property
    def winner(self) -> int | None:
        """None for a draw."""
        return self.as_asked if self.judged and not self.flipped else None


def pairs(count: int) -> list[tuple[int, int]]:
    return list(combinations(range(count), 2))


def best(duels: Sequence[Duel], count: int) -> int | None:
    """The position with the most points: 1 for a pair won, half for one that is drawn; of equal ones the first.
    None where no verdict at all could be read."""
    if all(duel.as_asked is duel.swapped is None for duel in duels):
        return None
    points = [0.0] * count
    for duel in duels:
        for position in (duel.one, duel.other):
            points[position] += 0.5 if duel.winner is None else float(duel.winner == position)
    return max(range(count), key=lambda position: (points[position], -position))


def flip_rate(duels: Sequence[Duel]) -> float | None:
    """The share of pairs that another order decided otherwise, 0 to 1; None where none was judged twice."""
    judged = [duel for duel in duels if duel.judged]
    return sum(duel.flipped for duel in judged) / len(judged) if judged else None
