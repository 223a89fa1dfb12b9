"""Which rows of a large tree are shown where there is room for few. Rows are in depth-first order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows that stand next to each other and are folded away."""

    first: int
    rows: int
    depth: int
    """Of the shallowest of them."""


def folded(
    depths: Sequence[int], *, most: int | None = None, levels: int | None = None, first: Collection[int] = ()
) -> list[int | Gap]:
    """At most `most` rows of the upper `levels`, and gaps for the others.

    A row is never shown without the rows above it. The rows in `first` come first, as long as they leave half of
    the room to the others; then the upper levels before the lower ones.
    """
    shown = _shown(depths, most, levels, first)
    lines: list[int | Gap] = []
    for row, depth in enumerate(depths):
        if row in shown:
            lines.append(row)
        elif lines and isinstance(gap := lines[-1], Gap):
            lines[-1] = Gap(gap.first, gap.rows + 1, min(gap.depth, depth))
        else:
            lines.append(Gap(row, 1, depth))
    return lines


def parents_of(depths: Sequence[int]) -> list[int]:
    """The row of each row's parent, -1 for a root."""
    open_rows: list[int] = []
    parents: list[int] = []
    for row, depth in enumerate(depths):
        while open_rows and depths[open_rows[-1]] >= depth:
            open_rows.pop()
        parents.append(open_rows[-1] if open_rows else -1)
        open_rows.append(row)
    return parents


def _shown(
    depths: Sequence[int], most: int | None, levels: int | None, first: Collection[int]
) -> Collection[int]:
    candidates = [row for row, depth in enumerate(depths) if levels is None or depth < levels]
    if most is None or len(candidates) <= most:
        return set(candidates)
    parents = parents_of(depths)
    shown: set[int] = set()
    for wanted, room in ((sorted(first), most // 2), (sorted(candidates, key=depths.__getitem__), most)):
        for row in wanted:
            if len(shown) >= room:
                break
            added = _with_ancestors(row, parents, shown, room - len(shown))
            shown.update(added)
    return shown


def _with_ancestors(row: int, parents: Sequence[int], shown: Collection[int], room: int) -> list[int]:
    """The row and what is missing above it; nothing where that is more than there is room for."""
    added: list[int] = []
    while row >= 0 and row not in shown:
        added.append(row)
        if len(added) > room:
            return []
        row = parents[row]
    return added
