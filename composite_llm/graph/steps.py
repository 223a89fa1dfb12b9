"""The steps a graph mode is made of, as YAML names them. Each has the one key that says what it is.

    steps:
      proposals: {fanout: [openai/gpt-4o-mini × 2, anthropic/claude-sonnet-4-5]}
      draft:     {synthesize: proposals}
      answer:    {reflect: draft, rounds: 2}
    final: answer

A step's name is what others refer to it by: in the key that takes a step, as `{{name}}` in a prompt,
and as `name.score` in a condition.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from composite_llm.graph.kinds import checked_kind, kind_of
from composite_llm.graph.parts import (
    MOST_ROUNDS,
    Experts,
    Inputs,
    Model,
    Part,
    StepName,
    Temperature,
    Tokens,
    as_list,
)
from composite_llm.strategies.parameters import Members


class Step(Part):
    """`kind` is the key that tells the steps apart, and the field that holds what the step works on."""

    kind: ClassVar[str]
    stage_kind: ClassVar[str]
    """What its stage's span calls it."""


class BaseCall(Step):
    """One model is asked; without a prompt it gets the conversation as it is."""

    kind = "base_call"
    stage_kind = "direct"
    base_call: str | None
    """The prompt."""
    model: Model | None = None
    role: str = ""
    temperature: Temperature | None = None
    max_tokens: Tokens | None = None


class Fanout(Step):
    """Experts answer side by side."""

    kind = "fanout"
    stage_kind = "propose"
    fanout: Experts
    prompt: str | None = None
    """What all are asked beside the conversation; `{{step}}` in it puts earlier answers in."""


class Synthesize(Step):
    """One model writes one answer from others."""

    kind = "synthesize"
    stage_kind = "synthesize"
    synthesize: Inputs
    prompt: str | None = None
    model: Model | None = None
    temperature: Temperature | None = None
    max_tokens: Tokens | None = None


class Think(Step):
    """Like synthesize, by a model that has a think tool to sort things out with before it writes."""

    kind = "think"
    stage_kind = "deliberate"
    think: Annotated[list[StepName], BeforeValidator(as_list)] | None
    """Null thinks about the conversation alone."""
    prompt: str | None = None
    model: Model | None = None
    temperature: Temperature | None = None
    max_tokens: Tokens | None = None


class Vote(Step):
    """One of the answers is chosen: the most frequent one, or the one that voters rank best."""

    kind = "vote"
    stage_kind = "vote"
    vote: Inputs
    by: Literal["text", "last_line", "number"] = "text"
    """What must be equal for two answers to be the same: all words, those of the last line, the last number."""
    voters: Members | None = None
    """Models that rank the answers. None: answers are counted, and nobody is asked."""
    prompt: str | None = None
    """What voters are told."""


class Score(Step):
    """A judge gives each answer a mark from 0 to 10; the best one goes on."""

    kind = "score"
    stage_kind = "verify"
    score: Inputs
    model: Model | None = None
    criteria: Annotated[str, Field(min_length=1)] = "accuracy, completeness and clarity"
    prompt: str | None = None


class Reflect(Step):
    """A critic finds faults and the writer mends them (Self-Refine, arXiv 2303.17651), until none are found."""

    kind = "reflect"
    stage_kind = "rewrite"
    reflect: StepName
    rounds: Annotated[int, Field(ge=1, le=MOST_ROUNDS)] = 1
    critic: Model | None = None
    model: Model | None = None
    """The writer."""
    critique_prompt: str | None = None
    prompt: str | None = None
    """What the writer is told."""


class Tool(Step):
    """A tool that is registered here is run; its result is text for later steps."""

    kind = "tool"
    stage_kind = "tool"
    tool: Annotated[str, Field(min_length=1)]
    arguments: Mapping[str, Any] = {}
    """By name; `{{step}}` in a text puts an earlier answer in."""


class LoopUntil(Step):
    """Its own steps are run again until the condition holds, or the rounds are used up.

    In its steps and prompts the loop's own name stands for what the round before came to, in the first
    round for `start`.
    """

    kind = "loop_until"
    stage_kind = "route"
    loop_until: Annotated[str, Field(min_length=1)]
    """Asked after each round, of the steps inside."""
    max_rounds: Annotated[int, Field(ge=1, le=MOST_ROUNDS)]
    start: StepName | None = None
    steps: dict[StepName, "AnyStep"] = Field(min_length=1)
    result: StepName
    """The step inside that a round comes to."""


class If(Step):
    """Goes on with one step or the other; the one that is not taken is never run."""

    kind = "if"
    stage_kind = "route"
    condition: Annotated[str, Field(min_length=1, alias="if")]
    then: StepName
    otherwise: StepName = Field(alias="else")


class Mode(Step):
    """Another composite answers: a profile by its name, or `<strategy>/<provider>/<model>`."""

    kind = "mode"
    stage_kind = "direct"
    mode: Annotated[str, Field(min_length=1)]
    parameters: Mapping[str, Any] = {}
    prompt: str | None = None


AnyStep = Annotated[
    Annotated[BaseCall, Tag("base_call")]
    | Annotated[Fanout, Tag("fanout")]
    | Annotated[Synthesize, Tag("synthesize")]
    | Annotated[Think, Tag("think")]
    | Annotated[Vote, Tag("vote")]
    | Annotated[Score, Tag("score")]
    | Annotated[Reflect, Tag("reflect")]
    | Annotated[Tool, Tag("tool")]
    | Annotated[LoopUntil, Tag("loop_until")]
    | Annotated[If, Tag("if")]
    | Annotated[Mode, Tag("mode")],
    Discriminator(kind_of),
    BeforeValidator(checked_kind),
]
Steps = Mapping[StepName, AnyStep]

LoopUntil.model_rebuild()
