"""Which part of a long text has been seen: found again, piece by piece, in whatever was printed or asked about.

The text is cut into blocks, whose places are looked up for every position of what was seen, and each block found is
stretched to both sides as far as both agree. Long pieces are looked for before short ones, since few words may stand
in many places; what stands in several counts at one of them. A piece shorter than two blocks may be missed, so the
share is a lower bound.
"""

import sys
from collections.abc import Sequence

SHORTEST_BLOCK = 16
_PIECES = (8, 3, 1)
"""Blocks that a piece must have at least: what long pieces leave over is gone through again for shorter ones."""
MOST_BLOCKS = 65_536
"""Of a longer text the blocks are longer, so that the index stays some megabytes."""
MOST_SHOWN = 500
"""Intervals in a report: more than a strip on a screen has dots to show."""

Interval = tuple[int, int]
"""First character, and the one after the last."""


class Coverage:
    def __init__(self, context: str) -> None:
        self._context = context
        self._block = max(SHORTEST_BLOCK, -(-len(context) // MOST_BLOCKS))
        self._places: dict[str, int] = {}
        for place in range(0, len(context) - self._block + 1, self._block):
            self._places.setdefault(context[place : place + self._block], place)
        self._seen: list[Interval] = []

    def see(self, found: Sequence[Interval]) -> None:
        self._seen = merged([*self._seen, *found])

    @property
    def seen(self) -> list[Interval]:
        """In order, none touching another."""
        return self._seen

    @property
    def share(self) -> float:
        """Of the text's characters, 0 to 1."""
        return sum(end - start for start, end in self._seen) / len(self._context) if self._context else 0.0

    def shown(self) -> list[Interval]:
        """The intervals, with the smallest gaps between them closed where there are more than a strip can show."""
        seen = self._seen
        by_gap = sorted(range(1, len(seen)), key=lambda place: seen[place][0] - seen[place - 1][1])
        closed = set(by_gap[: max(0, len(seen) - MOST_SHOWN)])
        shown: list[Interval] = []
        for place, (start, end) in enumerate(seen):
            shown.append((shown.pop()[0], end) if place in closed else (start, end))
        return shown

    def hull(self, text: str) -> Interval | None:
        """From the first to the last character of the context that stands in `text`; None where none does. Only the
        longest pieces count: `text` is part of the context, or is not."""
        for least in _PIECES:
            if found := sorted(place for _, place in self._pieces(text, [(0, len(text))], least)):
                return found[0][0], max(end for _, end in found)
        return self._alone(text)

    def find(self, text: str) -> list[Interval]:
        """Where pieces of `text` stand in the context."""
        if alone := self._alone(text):
            return [alone]
        found: list[Interval] = []
        left = [(0, len(text))]
        for least in _PIECES:
            pieces = self._pieces(text, left, least)
            found += [place for _, place in pieces]
            left = _without(left, [piece for piece, _ in pieces])
        return found

    def _alone(self, text: str) -> Interval | None:
        """A text too short for blocks, if the context has it."""
        if not SHORTEST_BLOCK <= len(text) < 2 * self._block:
            return None
        place = self._context.find(text)
        return (place, place + len(text)) if place >= 0 else None

    def _pieces(self, text: str, within: Sequence[Interval], least: int) -> list[tuple[Interval, Interval]]:
        """Pieces of at least so many blocks: where each stands in `text`, and in the context."""
        found: list[tuple[Interval, Interval]] = []
        for start, end in within:
            at = free = start
            while at + self._block <= end:
                place = self._places.get(text[at : at + self._block])
                if place is not None:
                    before = self._equal_before(text, free, at, place)
                    after = self._equal_after(text, at, end, place)
                    if before + after >= least * self._block:
                        found.append(((at - before, at + after), (place - before, place + after)))
                        at = free = at + after
                        continue
                at += 1
        return found

    def _equal_before(self, text: str, free: int, at: int, place: int) -> int:
        count = 0
        while (
            at - count > free and place > count and text[at - count - 1] == self._context[place - count - 1]
        ):
            count += 1
        return count

    def _equal_after(self, text: str, at: int, end: int, place: int) -> int:
        count, step = self._block, 4096
        while step:
            piece = text[at + count : min(end, at + count + step)]
            if len(piece) == step and self._context.startswith(piece, place + count):
                count += step
            else:
                step //= 2
        return count


def _without(whole: Sequence[Interval], taken: Sequence[Interval]) -> list[Interval]:
    """What `taken` leaves of `whole`, both in order, and each of the former within one of the latter."""
    left: list[Interval] = []
    waiting = iter([*taken, (sys.maxsize, sys.maxsize)])
    first, last = next(waiting)
    for start, end in whole:
        at = start
        while first < end:
            left.append((at, first))
            at = last
            first, last = next(waiting)
        left.append((at, end))
    return [(start, end) for start, end in left if end > start]


def merged(intervals: list[Interval]) -> list[Interval]:
    """In order, with those joined that overlap or touch."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
