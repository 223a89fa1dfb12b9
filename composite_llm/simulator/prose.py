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
# The topic stands after a preposition, where any kind of phrase reads well.
OPENINGS = (
    "Here is the plain view of {topic}.",
    "On {topic}, the general rule comes first, and the exceptions are few.",
    "A few things matter most when it comes to {topic}.",
    "The short answer about {topic} is that it depends on a few things, and they can be named.",
)
BODY = (
    "It helps to begin with the plainest case of {a} and to add detail only when that case is clear.",
    "One worked example says more about {topic} than a definition does.",
    "Where sources disagree about {a}, they mostly differ in scope rather than in fact.",
    "It pays to write down which assumptions about {b} are safe and which are only habit.",
    "A few large factors decide most of the outcome; the many small ones can wait.",
    "A common mistake is to decide about {b} early and to bend everything else to fit.",
    "If only one thing can be checked, look at what changes around {a} when {b} changes.",
    "What is known about {a} carries over to similar cases, as long as the context is stated.",
    "Two short trials with {b} teach more than one long plan.",
    "The limits of any advice on {topic} are worth naming, since they show when another approach is better.",
)
CLOSINGS = (
    "In short: keep it simple, state the assumptions, and let {a} guide the details.",
    "That is enough to decide; the remainder can be adjusted as more becomes known about {b}.",
    "Those are the essentials of {topic}.",
)
JUDGEMENTS = (
    "The best answer gives the reason and says where its limits are; the weakest mostly restates the question.",
    "All of them are sound, but only the first explains the matter so that a reader could use it.",
    "The difference lies in the explanation: one gives a reason, the others merely assert.",
    "Complete and well ordered at the top; further down, points are mentioned but not explained.",
    "The clearest one starts from the plain case. Another is longer, yet adds little.",
    "Nothing here is wrong, though the last one leaves out what matters most.",
    "They agree on the main point. What sets them apart is order, length and one well-chosen example.",
    "The top answer is accurate and short; the lowest spends its words on side issues.",
)
LONGEST_TOPIC = 70
# Ways to ask, each with what makes a phrase of the words that follow.
TOPICS = (
    (re.compile(r"(?i)^(?:what|who|where|which) (?:is|are|was|were) (.+)"), "{}"),
    (re.compile(r"(?i)^how (?:do|can|should|would|could|might) (?:i|we|you|one) (.+)"), "how to {}"),
    (re.compile(r"(?i)^(?:please )?(?:explain|describe|discuss|summari[sz]e|compare) (.+)"), "{}"),
    (re.compile(r"(?i)^(?:please )?tell me about (.+)"), "{}"),
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

    def judgement(self) -> str:
        """A reviewer's remark on several answers."""
        return self.chance.choice(JUDGEMENTS)

    def term(self) -> str:
        return self.chance.choice(terms(self.question))

    def _subject(self) -> Subject:
        known = next((subject for subject in SUBJECTS if subject.question == self.question), None)
        return known or self._improvised()

    def _improvised(self) -> Subject:
        return Subject(
            self.question,
            tuple(self._filled(template) for template in OPENINGS),
            tuple(self._filled(template) for template in BODY),
            tuple(self._filled(template) for template in CLOSINGS),
        )

    def _filled(self, template: str) -> str:
        words = terms(self.question)
        a, b = self.chance.sample(words, 2) if len(words) > 1 else (words[0], "the context")
        return template.format(a=a, b=b, topic=topic(self.question))

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
    words = [word for word in WORD.findall(question) if len(word) > 1 and word.lower() not in NOT_TERMS]
    return list(dict.fromkeys(words))[:8] or ["the question"]


def topic(question: str) -> str:
    """What the question is about, as a phrase; the question itself in quotes where none can be made."""
    asked = question.strip().rstrip("?.! ")
    for pattern, phrase in TOPICS:
        found = pattern.match(asked)
        if found and len(found[1]) <= LONGEST_TOPIC:
            return phrase.format(found[1])
    if len(asked) <= LONGEST_TOPIC:
        return f"“{asked}”"
    return " and ".join(terms(question)[:2])
