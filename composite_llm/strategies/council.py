"""LLM council (after karpathy/llm-council, 2025).

1. Every member answers the conversation, side by side.
2. Every reviewer gets the answers under letters and ranks them.
3. The chairman reads answers and mean ranks, and writes the reply.

Where the original is known to mislead, this one differs: each reviewer sees the answers in an
order of its own, so that a place in the list earns nothing; a model may sit twice; a review
without a readable ranking abstains; and the chairman gets letters and mean ranks instead of
names, so it cannot side with a brand.

Cost, for N members and M reviewers: N+M+1 calls;
in N·q + M·(q+s+N·o) + (q+s+N·o), out N·o + M·r + o
(q conversation, o an answer, r a review, s instructions, in tokens).
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import Field, model_validator

from composite_llm import conventions as c
from composite_llm.engine import Call, Reply, Run
from composite_llm.prompts import Prompt
from composite_llm.strategies.conversation import cut, guided, instructed
from composite_llm.strategies.parameters import Members, StrategyParameters
from composite_llm.strategies.rankings import label, mean_ranks, ranking_schema, read_ranking
from composite_llm.strategies.registry import strategy

ANSWER = Prompt("answer", "")

REVIEW = Prompt(
    "review",
    """\
Below are answers of different assistants to my message above, under letters. Compare them for \
accuracy, completeness and clarity, and say briefly what each gets right and wrong. Then rank all of \
them. Reply with JSON: {"assessment": "...", "ranking": ["<best letter>", ..., "<worst letter>"]}

{{answers}}""",
    ("answers",),
)

CHAIR = Prompt(
    "chair",
    """\
You chair a council of assistants that answered my message above. Below are their answers under \
letters, and how the council ranked them (mean rank, 1 is best). Write the one answer I should get: \
build on what is best supported, settle contradictions, and leave out what is wrong. A high rank is \
evidence, no proof. Do not mention the council.

{{answers}}

{{ranks}}""",
    ("answers", "ranks"),
)


class Parameters(StrategyParameters):
    council_models: Annotated[
        Members, Field(min_length=1, examples=[["openai/gpt-4o", "openai/gpt-4o-mini"]])
    ]
    review_models: Members | None = None
    """None: the members review; an empty list skips reviews."""
    chairman_model: str | None = None
    """None: the base model."""
    exclude_self: bool = False
    """True keeps each member from ranking its own answer, against self-preference."""
    max_council_size: Annotated[int, Field(ge=1)] = 12
    member_temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    reference_char_limit: Annotated[int, Field(ge=200)] | None = None

    @model_validator(mode="after")
    def _within_size(self) -> "Parameters":
        if len(self.council_models) > self.max_council_size:
            raise ValueError(
                f"{len(self.council_models)} council_models exceed max_council_size={self.max_council_size}; "
                "each review reads every answer, so cost grows with the square"
            )
        if self.exclude_self and self.review_models is not None:
            raise ValueError("exclude_self needs the members as reviewers; leave review_models out")
        return self

    def reviewers(self) -> list[str]:
        return self.council_models if self.review_models is None else self.review_models

    def models(self, base_model: str) -> list[str]:
        return [*self.council_models, *self.reviewers(), self.chairman_model or base_model]


@strategy("council", Parameters, [ANSWER, REVIEW, CHAIR])
async def council(run: Run, parameters: Parameters) -> Reply:
    async with run.stage("propose", "council.answers") as stage:
        temperature = parameters.member_temperature
        sampling = {} if temperature is None else {"temperature": temperature}
        messages = instructed(run.messages, run.told(ANSWER))
        answers = await stage.together(
            [
                Call(model, messages, "member", index, run.seed_for(index) | sampling)
                for index, model in enumerate(parameters.council_models)
            ]
        )

    ranks = await review(run, parameters, answers) if parameters.reviewers() and len(answers) > 1 else {}

    async with run.stage("synthesize", "council.chair") as stage:
        chairman = parameters.chairman_model or run.model
        told = run.told(
            CHAIR,
            answers=lettered(answers, parameters.reference_char_limit),
            ranks=f"Mean ranks: {in_letters(answers, ranks)}",
        )
        messages = guided(run, told, usually="tail_user")
        return await stage.final(Call(chairman, messages, "chair", reads=answers))


async def review(run: Run, parameters: Parameters, answers: Sequence[Reply]) -> Mapping[int, float]:
    """Mean rank of each member by its index, best first. Empty when no review holds a ranking."""
    orders = [
        shuffled(
            [answer for answer in answers if not (parameters.exclude_self and answer.index == seat)], seat
        )
        for seat in range(len(parameters.reviewers()))
    ]
    async with run.stage("rank", "council.review") as stage:
        reviews = await stage.together(
            [
                Call(
                    model,
                    guided(
                        run,
                        run.told(REVIEW, answers=lettered(order, parameters.reference_char_limit)),
                        usually="tail_user",
                    ),
                    "reviewer",
                    seat,
                    {"response_format": ranking_schema(letters_of(order))},
                    reads=order,
                )
                for seat, (model, order) in enumerate(zip(parameters.reviewers(), orders, strict=True))
            ],
            at_least=0,
        )
        ballots = [Ballot.read(reply, orders[reply.index]) for reply in reviews]
        ranks = mean_ranks([(ballot.ranking, ballot.members) for ballot in ballots if ballot.ranking])
        stage.note(c.COUNCIL_BALLOTS, [asdict(ballot) for ballot in ballots])
        stage.note(c.COUNCIL_MEAN_RANKS, ranks)
    return ranks


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


def letters_of(answers: Sequence[Reply]) -> list[str]:
    return [label(position) for position in range(len(answers))]


def shuffled(answers: Sequence[Reply], seat: int) -> list[Reply]:
    """An order of its own for each reviewer, the same in every run, so that runs compare."""
    return random.Random(seat).sample(answers, len(answers))


def lettered(answers: Sequence[Reply], limit: int | None) -> str:
    return "\n\n".join(
        f"Answer {label(position)}:\n{cut(answer.text, limit)}" for position, answer in enumerate(answers)
    )


def in_letters(answers: Sequence[Reply], ranks: Mapping[int, float]) -> str:
    """The mean ranks, with members as the chairman sees them: under letters."""
    letters = {answer.index: label(position) for position, answer in enumerate(answers)}
    given = [f"{letters[member]} ({rank:.2f})" for member, rank in ranks.items()]
    return ", ".join(given) or "no rankings were given"
