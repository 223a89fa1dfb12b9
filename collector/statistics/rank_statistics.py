"""How far rankings agree, and what moves them. Pure functions over ranks: 1 is best, ties share their mean."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import sqrt
from statistics import fmean

Ranks = Mapping[int, float]
"""What one reviewer gave: member -> rank."""


def ranks_of(ranking: Sequence[int], members: Sequence[int]) -> Ranks:
    """Of a ranking, best first, that may leave members out: those share the places that are left."""
    missing = [member for member in members if member not in ranking]
    shared = len(ranking) + (len(missing) + 1) / 2
    places = {member: float(place) for place, member in enumerate(ranking, start=1)}
    return places | dict.fromkeys(missing, shared)


def kendall_w(ballots: Sequence[Ranks]) -> float | None:
    """Kendall's coefficient of concordance, 0 (no agreement) to 1 (all the same), corrected for ties.

    None below two ballots or members, where the ballots are not about the same members, or where nobody
    ranked anything apart (Kendall & Babington Smith 1939).
    """
    if len(ballots) < 2 or len({frozenset(ballot) for ballot in ballots}) != 1:
        return None
    m, members = len(ballots), list(ballots[0])
    n = len(members)
    sums = [sum(ballot[member] for ballot in ballots) for member in members]
    spread = sum((each - fmean(sums)) ** 2 for each in sums)
    ties = sum(_tied(list(ballot.values())) for ballot in ballots)
    most = m**2 * (n**3 - n) - m * ties
    return 12 * spread / most if most > 0 else None


def mean_tau(ballots: Sequence[Ranks]) -> float | None:
    """The mean of Kendall's tau-b over all pairs of ballots, −1 to 1, each over the members both are about."""
    found = [tau for one, other in combinations(ballots, 2) if (tau := _tau_b(one, other)) is not None]
    return fmean(found) if found else None


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's, −1 to 1; None where one side never varies."""
    if len(pairs) < 2:
        return None
    mean_x, mean_y = fmean(x for x, _ in pairs), fmean(y for _, y in pairs)
    xy = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
    xx, yy = sum((x - mean_x) ** 2 for x, _ in pairs), sum((y - mean_y) ** 2 for _, y in pairs)
    return xy / sqrt(xx * yy) if xx > 0 and yy > 0 else None


def _tau_b(one: Ranks, other: Ranks) -> float | None:
    concordant = discordant = tied_one = tied_other = 0
    for a, b in combinations([member for member in one if member in other], 2):
        x, y = one[a] - one[b], other[a] - other[b]
        concordant += x * y > 0
        discordant += x * y < 0
        tied_one += x == 0 and y != 0
        tied_other += y == 0 and x != 0
    decided = concordant + discordant
    size = sqrt((decided + tied_one) * (decided + tied_other))
    return (concordant - discordant) / size if size else None


def _tied(ranks: Sequence[float]) -> int:
    return sum(count**3 - count for count in Counter(ranks).values())
