"""What a prompt is about: the user's question, also when a strategy has wrapped it in references."""

import re
from collections.abc import Sequence

from composite_llm.simulator.demo_answers import SUBJECTS
from composite_llm.simulator.request import Message

LONGEST = 240
# "Question: ...", "Original query: ...", "<question> ...", at the start of a line.
LABELLED = re.compile(
    r"(?im)^(?:[^\w\n]|_)*+(?:\w+ )?(?:question|query|request|task)(?: asked)?(?:[^\w\n]|_)*?[:>][^\S\n]*(\S.*)$"
)
SENTENCE = re.compile(r"(?<![^.!?\n])[^.!?\n]*+\?")
# "Response A", "Reference 2" or "[Answer 3]" at the start of a line.
REFERENCE = re.compile(
    r"(?m)^[^\w\n]*+(?:[Rr]esponse|[Rr]eference|[Aa]nswer|[Cc]andidate|[Pp]roposal)\W{1,3}(?:[A-Z]|\d+)\b"
)
# A numbered list alone may be the user's own; it holds references where the text speaks of some.
NUMBERED = re.compile(r"(?m)^[^\w\n]*+\d+[.)]\s")
SPOKEN_OF = re.compile(r"(?i)\b(?:answers|responses|references|candidates|proposals|drafts)\b")
LABEL = re.compile(r"\b(?:Response|Answer|Candidate) (?:[A-Z]{1,2}|\d+)\b")
RANKING_HEADER = "FINAL RANKING:"


def question_of(messages: Sequence[Message]) -> str:
    """The last thing the user asked; a last turn that only carries references is looked past."""
    turns = [message.content for message in reversed(messages) if message.role == "user" and message.content]
    if not turns:
        return distilled(messages[-1].content)
    asked = (turn for turn in turns if not is_references(turn) or _names_a_question(turn))
    return distilled(next(asked, turns[0]))


def is_references(text: str) -> bool:
    if len(REFERENCE.findall(text)) >= 2:
        return True
    return len(NUMBERED.findall(text)) >= 2 and SPOKEN_OF.search(text) is not None


def is_aggregating(messages: Sequence[Message]) -> bool:
    """True when a system message or the last user message carries other models' answers."""
    users = [message.content for message in messages if message.role == "user"]
    systems = [message.content for message in messages if message.role in ("system", "developer")]
    return any(is_references(text) for text in [*systems, *users[-1:]])


def labels_to_rank(messages: Sequence[Message]) -> list[str]:
    """The labels a reviewer is asked to rank in free text, or none."""
    text = messages[-1].content
    return sorted(set(LABEL.findall(text))) if RANKING_HEADER in text else []


def distilled(text: str) -> str:
    demo = _demo_question(text)
    if demo:
        return demo
    short = " ".join(text.split())
    if len(short) <= LONGEST and not is_references(text):
        return short
    labelled = LABELLED.search(text)
    if labelled:
        return " ".join(labelled[1].split())[:LONGEST]
    asked = SENTENCE.search(text)
    return " ".join((asked[0] if asked else text.strip().partition("\n")[0]).split())[:LONGEST]


def _names_a_question(text: str) -> bool:
    return bool(_demo_question(text) or LABELLED.search(text) or SENTENCE.search(text))


def _demo_question(text: str) -> str | None:
    lowered = text.lower()
    return next((subject.question for subject in SUBJECTS if subject.recognised_by in lowered), None)
