"""Nodes in ranks, each below all that leads to it, ordered so that few lines cross."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Pair = tuple[str, str]
SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Ranked:
    order: Sequence[Sequence[str]]
    """Rank by rank, from left to right; among the nodes stand the places where lines pass."""
    rank: Mapping[str, int]
    paths: Mapping[Pair, Sequence[str]]
    """Of each line: where it begins, the places it passes, where it ends."""
    neighbours: Mapping[str, Sequence[str]]


def ranked(names: Sequence[str], lines: Sequence[Pair]) -> Ranked:
    """The lines must lead in no circle."""
    rank = _longest_paths(names, lines)
    paths: dict[Pair, list[str]] = {}
    rows: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for name in names:
        rows[rank[name]].append(name)
    for source, target in lines:
        passed = [f"{source} → {target} at {at}" for at in range(rank[source] + 1, rank[target])]
        for at, place in enumerate(passed, rank[source] + 1):
            rank[place] = at
            rows[at].append(place)
        paths[source, target] = [source, *passed, target]
    above, below = _joined(paths)
    _uncross(rows, above, below)
    return Ranked(rows, rank, paths, {name: [*above[name], *below[name]] for name in rank})


def _longest_paths(names: Sequence[str], lines: Sequence[Pair]) -> dict[str, int]:
    sources: dict[str, list[str]] = defaultdict(list)
    for source, target in lines:
        sources[target].append(source)
    rank: dict[str, int] = {}

    def of(name: str) -> int:
        if name not in rank:
            rank[name] = 1 + max((of(source) for source in sources[name]), default=-1)
        return rank[name]

    for name in names:
        of(name)
    return rank


def _joined(paths: Mapping[Pair, Sequence[str]]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above: dict[str, list[str]] = defaultdict(list)
    below: dict[str, list[str]] = defaultdict(list)
    for path in paths.values():
        for one, other in pairwise(path):
            below[one].append(other)
            above[other].append(one)
    return above, below


def _uncross(rows: list[list[str]], above: Mapping[str, list[str]], below: Mapping[str, list[str]]) -> None:
    """Each node at the mean place of what it is joined to in the rank before, down and up in turns."""
    for sweep in range(SWEEPS):
        downwards = sweep % 2 == 0
        joined = above if downwards else below
        for row in rows if downwards else reversed(rows):
            place = {name: at for other in rows for at, name in enumerate(other)}
            own = dict(zip(row, range(len(row)), strict=True))
            row.sort(key=lambda name: _mean([place[each] for each in joined[name]], own[name]))


def _mean(places: Sequence[int], otherwise: int) -> float:
    return sum(places) / len(places) if places else float(otherwise)
