"""Who hears whom in a debate. Pure functions on seats, which are counted from 0."""

from collections.abc import Sequence
from typing import Literal

from composite_llm.strategies.parts.agreement import grouped

Topology = Literal["full", "ring", "groups"]
"""`full`: everybody hears everybody. `ring`: the two neighbours. `groups` (after GroupDebate, arXiv 2409.14051):
the others of one's own group; in every second revision one voice of each other group, too."""


def heard_by(
    seat: int, topology: Topology, group_size: int, revision: int, keys: Sequence[str | None]
) -> list[int]:
    """The seats whose answers `seat` reads before its `revision`, 1-based, in order. `keys`: what each seat's
    answer came to, for the voice of a group: the first of those that most of it agree with."""
    seats = range(len(keys))
    match topology:
        case "full":
            heard = set(seats)
        case "ring":
            heard = {(seat - 1) % len(keys), (seat + 1) % len(keys)}
        case "groups":
            groups = [seats[first : first + group_size] for first in seats[::group_size]]
            own = set(groups[seat // group_size])
            others = {voice(group, keys) for group in groups if seat not in group}
            heard = own | (others if revision % 2 == 0 else set())
    return sorted(heard - {seat})


def voice(group: Sequence[int], keys: Sequence[str | None]) -> int:
    return group[grouped([keys[seat] for seat in group]).winner]
