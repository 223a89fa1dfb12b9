"""Readable answers to any question: true sentences for the demo's questions, sound advice for all others.

Each model has a voice of its own (its layout and opening are drawn from its name) and its own length.
"""

import re
from dataclasses import dataclass
from random import Random

from composite_llm.simulator.chance import seeded
from composite_llm.simulator.demo_answers import SUBJECTS, Subject
from composite_llm.simulator.profiles import Length, own_name

SENTENCES: dict[Length, tuple[int, int]] = {"short": (2, 3), "medium": (3, 5), "long": (5, 6)}
MORE_WHEN_AGGREGATING = 2
LAYOUTS = ("paragraph", "paragraph", "two paragraphs", "bullets")
SYNTHESES = (
    "Weighing the answers against each other, this is what stands.",
    "The answers agree on the essentials; here they are in one place.",
    "Taken together, and with the doubtful points left out:",
)
WORD = re.compile(r"[^\W_][\w'-]*")
# Words that say how something is asked, not what about.
ASKING = """
a about after all also an and any are as ask at be because been before being best between both but by can
choose come could create describe did do does each explain find for from get give go good has have help
her his how i if in into is it its just kind kinds know like list make makes many may me might mine more
most much my need not of on one only or other our out over please provide put say see shall she should
show simple so some such summarize take tell than that the their them then there these they thing things
this those through to too two under up use using very want was way we were what when where which while
who whose why will with work works would write you your answer question
"""
NOT_TERMS = frozenset(ASKING.split())
OPENINGS = (
    "The useful way to look at {a} is together with {b}.",
    "A good answer about {a} starts from what {b} is meant to achieve.",
    "Most confusion about {a} comes from treating {b} as a separate matter.",
    "There are two sides to {a}: the general rule, and what {b} adds to it.",
)
BODY = (
    "Begin with the plainest case of {a} and check that it behaves as expected before adding anything.",
    "The relation between {a} and {b} is easier to see in one worked example than in a definition.",
    "Where sources on {a} disagree, the difference is mostly about scope rather than about facts.",
    "It pays to write down which assumptions about {b} are safe and which are only habit.",
    "Measured over time, {a} depends on a few large factors and many small ones; the large ones come first.",
    "A common mistake is to settle {b} early and then bend {a} to fit.",
    "If only one thing can be checked, check how {a} changes when {b} does.",
    "Experience with {a} carries over surprisingly well, as long as the context is stated.",
    "Two short trials tell more about {b} than one long plan.",
    "The limits of {a} are worth naming, since they decide when another approach is better.",
)
CLOSINGS = (
    "In short, keep {a} simple, and let {b} guide the details.",
    "That is enough to decide on {a}; the remainder can be adjusted later.",
    "With that in mind, {a} becomes a matter of care rather than of luck.",
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes about one question, with one model's voice."""

    question: str
    model: str
    length: Length
    chance: Random

    def answer(self, aggregating: bool = False) -> str:
        subject = self._subject()
        low, high = SENTENCES[self.length]
        count = self.chance.randint(low, high) + (MORE_WHEN_AGGREGATING if aggregating else 0)
        body = self.chance.sample(subject.facts, min(count, len(subject.facts)))
        opening = self._of_voice(subject.openings, "opening")
        if aggregating:
            opening = f"{self._of_voice(SYNTHESES, 'synthesis')} {opening}"
        closing = "" if self.length == "short" else self.chance.choice(subject.closings)
        return self._laid_out(opening, body, closing)

    def sentence(self) -> str:
        return self.chance.choice(self._subject().facts)

    def term(self) -> str:
        return self.chance.choice(terms(self.question))

    def _subject(self) -> Subject:
        known = next((subject for subject in SUBJECTS if subject.question == self.question), None)
        return known or self._improvised()

    def _improvised(self) -> Subject:
        words = terms(self.question)
        pairs = [{"a": a, "b": b} for a in words for b in words if a != b] or [
            {"a": words[0], "b": "context"}
        ]
        return Subject(
            self.question,
            tuple(_filled(template, self.chance.choice(pairs)) for template in OPENINGS),
            tuple(_filled(template, self.chance.choice(pairs)) for template in BODY),
            tuple(_filled(template, self.chance.choice(pairs)) for template in CLOSINGS),
        )

    def _of_voice(self, choices: tuple[str, ...], part: str) -> str:
        return seeded("voice", part, own_name(self.model), self.question).choice(choices)

    def _laid_out(self, opening: str, body: list[str], closing: str) -> str:
        layout = "paragraph" if self.length == "short" else self._of_voice(LAYOUTS, "layout")
        match layout:
            case "bullets":
                text = "\n".join([opening, "", *(f"- {sentence}" for sentence in body), "", closing])
            case "two paragraphs":
                half = (len(body) + 1) // 2
                text = f"{' '.join([opening, *body[:half]])}\n\n{' '.join([*body[half:], closing])}"
            case _:
                text = " ".join([opening, *body, closing])
        return text.strip()


def terms(question: str) -> list[str]:
    """The words that carry the question, in order and without repeats; never empty."""
    words = [word for word in WORD.findall(question) if len(word) > 2 and word.lower() not in NOT_TERMS]
    return list(dict.fromkeys(words))[:8] or ["the question"]


def _filled(template: str, pair: dict[str, str]) -> str:
    text = template.format_map(pair)
    return text[0].upper() + text[1:]
