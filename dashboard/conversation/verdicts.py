"""What was made of each answer: ranks that reviewers gave, marks, what was chosen. Members are indices of calls."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from collector.statistics.rank_statistics import kendall_w, mean_tau, ranks_of
from composite_llm import conventions as c
from dashboard.conversation.found import Attributes, parsed

WINNERS = (c.BEST_OF_N_WINNER, c.JUDGE_WINNER, c.SELF_CONSISTENCY_WINNER, c.DEBATE_WINNER, c.TUMIX_WINNER)


@dataclass(frozen=True, slots=True)
class Ballot:
    reviewer: int
    ranking: tuple[int, ...]
    """Best first."""
    ranks: Mapping[int, float]
    """Member -> rank; members that the ranking leaves out share the places that are left."""
    unread: bool
    """True where no ranking could be read in the review."""


@dataclass(frozen=True, slots=True)
class Ranking:
    ballots: tuple[Ballot, ...]
    members: tuple[int, ...]
    mean_ranks: Mapping[int, float]
    agreement: float | None
    """Kendall's W, 0 to 1, where all ranked the same members; None where it cannot be told."""
    tau: float | None
    """The mean of Kendall's tau-b over pairs of reviewers, over the members both ranked, −1 to 1."""


@dataclass(frozen=True, slots=True)
class Duel:
    one: int
    other: int
    as_asked: int | None
    """Who won; None where nobody did, or no verdict could be read."""
    swapped: int | None


def ranking_of(attributes: Attributes) -> Ranking | None:
    """The ballots of a council's review; None where there are none that can be read."""
    told = parsed(attributes.get(c.COUNCIL_BALLOTS))
    ballots = [ballot for entry in told if (ballot := _ballot(entry))] if isinstance(told, list) else []
    if not ballots:
        return None
    ranks = [ballot.ranks for ballot in ballots if not ballot.unread]
    members = sorted({member for ballot in ballots for member in ballot.ranks})
    given: dict[int, list[float]] = defaultdict(list)
    for ballot in ranks:
        for member, rank in ballot.items():
            given[member].append(rank)
    means = _by_index(attributes.get(c.COUNCIL_MEAN_RANKS)) or {
        member: sum(each) / len(each) for member, each in given.items()
    }
    return Ranking(tuple(ballots), tuple(members), means, kendall_w(ranks), mean_tau(ranks))


def duels_of(attributes: Attributes) -> list[Duel]:
    told = parsed(attributes.get(c.JUDGE_DUELS))
    found: list[Duel] = []
    for entry in told if isinstance(told, list) else ():
        if isinstance(entry, dict) and _is_index(entry.get("one")) and _is_index(entry.get("other")):
            sides = [_index(entry.get(name)) for name in ("as_asked", "swapped")]
            found.append(Duel(entry["one"], entry["other"], *sides))
    return found


def remarks(attributes: Attributes) -> dict[int, list[str]]:
    """What the stage after it says of each answer of a stage, by the index of its call: `chosen`, `mean rank 1.5`."""
    said: dict[int, list[str]] = defaultdict(list)
    for member, remark in _remarks(attributes):
        said[member].append(remark)
    return dict(said)


def _remarks(attributes: Attributes) -> Iterator[tuple[int, str]]:
    for key in WINNERS:
        if _is_index(winner := attributes.get(key)):
            yield winner, "chosen"
    for key, remark in ((c.SMOA_SELECTED, "read on"), (c.SMOA_PASSED_OVER, "passed over")):
        told = parsed(attributes.get(key))
        for member in told if isinstance(told, list) else ():
            if _is_index(member):
                yield member, remark
    for key, words in ((c.BEST_OF_N_SCORES, "mark {:.3g} of 10"), (c.COUNCIL_MEAN_RANKS, "mean rank {:.3g}")):
        for member, value in _by_index(attributes.get(key)).items():
            yield member, words.format(value)


def _ballot(entry: Any) -> Ballot | None:
    if not isinstance(entry, dict) or not _is_index(entry.get("reviewer")):
        return None
    ranking, members = _indices(entry.get("ranking")), _indices(entry.get("members"))
    # A ranking that names nobody says nothing about anybody.
    ranks = ranks_of(ranking, members) if ranking else dict.fromkeys(members, float("nan"))
    return Ballot(entry["reviewer"], tuple(ranking), ranks, unread=not ranking)


def _indices(value: Any) -> Sequence[int]:
    return list(dict.fromkeys(each for each in value if _is_index(each))) if isinstance(value, list) else []


def _by_index(value: Any) -> dict[int, float]:
    """A JSON object whose keys are indices of calls and whose values are numbers."""
    told = parsed(value)
    if not isinstance(told, dict):
        return {}
    return {
        int(member): float(number)
        for member, number in told.items()
        if str(member).isdecimal() and isinstance(number, int | float) and not isinstance(number, bool)
    }


def _index(value: Any) -> int | None:
    return value if _is_index(value) else None


def _is_index(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
