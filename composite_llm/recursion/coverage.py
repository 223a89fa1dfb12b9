"""Which part of a long text has been seen: found again, piece by piece, in whatever was printed or asked about.

The text is cut into blocks, whose places are looked up for every position of what was seen, and each block found is
stretched to both sides as far as both agree. A piece shorter than two blocks may be missed, so the share is a lower
bound; what stands in the text several times counts at its first place.
"""

SHORTEST_BLOCK = 32
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

    def see(self, text: str) -> None:
        self._seen = merged([*self._seen, *self.find(text)])

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
        """From the first to the last character of the context that stands in `text`; None where none does."""
        found = merged(self.find(text))
        return (found[0][0], found[-1][1]) if found else None

    def find(self, text: str) -> list[Interval]:
        """Where pieces of `text` stand in the context, in the order in which they stand in `text`."""
        if len(text) < 2 * self._block:
            place = self._context.find(text) if len(text) >= SHORTEST_BLOCK // 2 else -1
            if place >= 0:
                return [(place, place + len(text))]
        found: list[Interval] = []
        at = free = 0  # `free`: the end of what was found so far
        while at + self._block <= len(text):
            place = self._places.get(text[at : at + self._block])
            if place is None:
                at += 1
                continue
            before = self._equal_before(text, free, at, place)
            after = self._equal_after(text, at, place)
            found.append((place - before, place + after))
            at = free = at + after
        return found

    def _equal_before(self, text: str, free: int, at: int, place: int) -> int:
        count = 0
        while (
            at - count > free and place > count and text[at - count - 1] == self._context[place - count - 1]
        ):
            count += 1
        return count

    def _equal_after(self, text: str, at: int, place: int) -> int:
        count, step = self._block, 4096
        while step:
            piece = text[at + count : at + count + step]
            if len(piece) == step and self._context.startswith(piece, place + count):
                count += step
            else:
                step //= 2
        return count


def merged(intervals: list[Interval]) -> list[Interval]:
    """In order, with those joined that overlap or touch."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
