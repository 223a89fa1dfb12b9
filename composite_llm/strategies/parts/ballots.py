"""A council's answers as reviewers and chairman see them, and reviews as ballots. Pure functions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from composite_llm.engine.run import Reply
from composite_llm.strategies.parts.choosing import between_marks
from composite_llm.strategies.parts.rankings import label, read_ranking


@dataclass(frozen=True, slots=True)
class Ballot:
    """One review, its letters translated back to members."""

    reviewer: int
    members: list[int]
    """Members by the letter they stood under: the first was A."""
    ranking: list[int]
    """Members, best first; empty when the reviewer abstained."""
    found_in: str

    @classmethod
    def read(cls, reply: Reply, order: Sequence[Reply]) -> "Ballot":
        letters = letters_of(order)
        ranking = read_ranking(reply.text, letters)
        members = {letter: answer.index for letter, answer in zip(letters, order, strict=True)}
        translated = [members[letter] for letter in ranking.labels]
        return cls(reply.index, list(members.values()), translated, ranking.found_in)


def ballots_of(reviews: Sequence[Reply], orders: Sequence[Sequence[Reply]]) -> list[Ballot]:
    """`orders` holds the answers as each reviewer saw them, by its seat."""
    return [Ballot.read(reply, orders[reply.index]) for reply in reviews]


def agreed(ballots: Sequence[Ballot], reviewers: int) -> bool:
    """Whether more than half of all reviewers have put the same member first, and none another."""
    firsts = [ballot.ranking[0] for ballot in ballots if ballot.ranking]
    return len(set(firsts)) == 1 and len(firsts) * 2 > reviewers


def letters_of(answers: Sequence[Reply]) -> list[str]:
    return [label(position) for position in range(len(answers))]


def under_letters(answers: Sequence[Reply], limit: int | None) -> str:
    return under_names(answers, _by_letter(answers), limit)


def under_names(answers: Sequence[Reply], names: Mapping[int, str], limit: int | None) -> str:
    return between_marks(
        [names[answer.index] for answer in answers], [answer.text for answer in answers], limit
    )


def names_for_chair(answers: Sequence[Reply], sees: Literal["anonymous", "named"]) -> Mapping[int, str]:
    """What the answer of each member, by its index, is called; a model that sits twice is numbered."""
    if sees == "anonymous":
        return _by_letter(answers)
    seats = Counter(answer.call.model for answer in answers)
    taken: Counter[str] = Counter()
    names: dict[int, str] = {}
    for answer in answers:
        model = answer.call.model
        taken[model] += 1
        names[answer.index] = f"of {model} #{taken[model]}" if seats[model] > 1 else f"of {model}"
    return names


def ranks_by_name(names: Mapping[int, str], ranks: Mapping[int, float]) -> str:
    given = [f"{names[member].removeprefix('of ')} ({rank:.2f})" for member, rank in ranks.items()]
    return ", ".join(given) or "no rankings were given"


def _by_letter(answers: Sequence[Reply]) -> dict[int, str]:
    return {answer.index: label(position) for position, answer in enumerate(answers)}
