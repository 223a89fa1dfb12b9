"""What a panel's answers have in common and where they differ, as a judge tells it. Pure functions."""

import re
from collections.abc import Mapping, Sequence

from composite_llm.engine.run import Reply
from composite_llm.strategies.parts.ballots import letters_of
from composite_llm.strategies.parts.structured import Shape, read
from composite_llm.tools.replies import saying

_BLOCK = re.compile(r"\s*<analysis>(.*?)(?:</analysis>|\Z)", re.DOTALL)
_LETTER = re.compile(r"\W*(?:(?:source|answer|assistant)\W+)?([A-Za-z]{1,2})\W*", re.IGNORECASE)
LONGEST_SOURCE = 40
"""Characters in which a letter is looked for."""


class Claim(Shape):
    source: str
    """The letter of an answer."""
    claim: str


class Contradiction(Shape):
    point: str
    claims: list[Claim]


class Insight(Shape):
    source: str
    insight: str


class Analysis(Shape):
    consensus: list[str]
    contradictions: list[Contradiction]
    gaps: list[str]
    unique: list[Insight]
    blind_spots: list[str]

    def written(self) -> str:
        """For a model to read: a heading and a line for each point of every list that has any."""
        parts = {
            "All agree on:": self.consensus,
            "They contradict each other on:": [_contradiction(each) for each in self.contradictions],
            "Only some cover:": self.gaps,
            "Only one says:": [f"{each.insight} ({each.source})" for each in self.unique],
            "None covers:": self.blind_spots,
        }
        written = [
            "\n".join([heading, *(f"- {point}" for point in points)])
            for heading, points in parts.items()
            if points
        ]
        return "\n\n".join(written) or "The comparison found nothing to point out."


def unique_by_member(analysis: Analysis, answers: Sequence[Reply]) -> Mapping[int, int]:
    """By a member's index, how many insights only it had. What is said of no answer there is counts for none."""
    members = {letter: answer.index for letter, answer in zip(letters_of(answers), answers, strict=True)}
    found = dict.fromkeys(members.values(), 0)
    for insight in analysis.unique:
        match = _LETTER.fullmatch(insight.source[:LONGEST_SOURCE])
        member = members.get(match[1].upper()) if match else None
        if member is not None:
            found[member] += 1
    return found


def taken_from(reply: Reply) -> tuple[Analysis | None, Reply | None]:
    """The analysis that a writer has put before its answer, and the answer alone: None where it wrote no other."""
    block = _BLOCK.match(reply.text)
    if not block:
        return None, reply
    rest = reply.text[block.end() :].lstrip()
    said = rest or reply.answer.message.get("tool_calls")
    return read(block[1], Analysis), saying(reply, {"content": rest or None}) if said else None


def _contradiction(each: Contradiction) -> str:
    claims = "; ".join(f"{claim.claim} ({claim.source})" for claim in each.claims)
    return f"{each.point}: {claims}" if claims else each.point
