"""Mixture-of-Agents (Wang et al. 2024, arXiv 2406.04692) and Self-MoA (Li et al. 2025, arXiv 2502.00674).

Layers of proposers answer side by side. Every layer after the first also reads the answers of
the layer before, and at the end an aggregator writes one answer from the last layer's. With one
model sampled k times (`openai/gpt-4o × k`) it is Self-MoA. With a `window` the aggregator reads
`window` answers first and then, step by step, its own synthesis and `window − 1` new ones
(Self-MoA-Seq), which bounds its prompt.

Cost, for N proposers and L layers: N(L−1)+1 calls;
in  N·q + (L−2)·N·(q+s+N·o) + (q+s+N·o), out (L−1)·N·o + o
(q conversation, o an answer, s the instruction below, in tokens). With a window w the last layer
takes 1 + ⌈(N−w)/(w−1)⌉ calls of the aggregator.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from composite_llm.engine.run import Call, Reply, Run, Stage
from composite_llm.request.prompts import Prompt
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.parts.conversation import Messages, guided, instructed, numbered
from composite_llm.strategies.parts.members import Panel, models_of
from composite_llm.strategies.registry import strategy

PROPOSE = Prompt("propose", "")

AGGREGATE = Prompt(
    "aggregate",
    """\
Several assistants have answered the user's latest message; their answers follow. Weigh them \
critically: any of them may be wrong, one-sided or incomplete, and agreement is no proof. Keep what \
is right, correct what is not, and reply to the user with one answer of your own that is accurate, \
complete and well ordered. Do not mention the other answers.

Answers:
{{answers}}""",
    ("answers",),
)
"""Also what the proposers of every layer after the first are told."""


class Parameters(StrategyParameters):
    proposers: Annotated[Panel, Field(min_length=1, examples=[["openai/gpt-4o-mini", "openai/gpt-4o × 2"]])]
    aggregator: str | None = None
    """None: the base model."""
    layers: Annotated[int, Field(ge=2, le=8)] = 2
    """Counted as in the paper: the aggregator is the last one."""
    member_temperature: Annotated[float, Field(ge=0, le=2)] | None = 0.7
    """Of the proposers; None sends none, and models that take none get none."""
    member_max_tokens: Annotated[int, Field(ge=1)] | None = None
    window: Annotated[int, Field(ge=2)] | None = None
    """None: the aggregator reads all answers at once."""
    reference_char_limit: Annotated[int, Field(ge=200)] | None = None

    def models(self, base_model: str) -> list[str]:
        return [*models_of(self.proposers), self.aggregator or base_model]


@strategy("moa", Parameters, [PROPOSE, AGGREGATE])
async def mixture_of_agents(run: Run, parameters: Parameters) -> Reply:
    references: list[Reply] = []
    for layer in range(1, parameters.layers):
        async with run.stage("propose", f"moa.layer{layer}") as stage:
            references = await propose(run, parameters, stage, references)

    async with run.stage("aggregate", "moa.aggregate") as stage:
        return await aggregate(run, parameters, stage, references)


async def propose(run: Run, parameters: Parameters, stage: Stage, references: Sequence[Reply]) -> list[Reply]:
    messages = instructed(with_references(run, parameters, references), run.told(PROPOSE))
    return await stage.together(
        [
            Call(
                member.model,
                member.reads(messages),
                "proposer",
                index,
                sampling(parameters) | member.parameters,
                reads=references,
            )
            for index, member in enumerate(parameters.proposers)
        ]
    )


async def aggregate(run: Run, parameters: Parameters, stage: Stage, references: Sequence[Reply]) -> Reply:
    aggregator = parameters.aggregator or run.model
    window = parameters.window or len(references)
    reading, waiting = list(references[:window]), list(references[window:])
    while waiting:
        messages = with_references(run, parameters, reading)
        [synthesis] = await stage.together([Call(aggregator, messages, "aggregator", reads=reading)])
        reading, waiting = [synthesis, *waiting[: window - 1]], waiting[window - 1 :]
    return await stage.final(
        Call(aggregator, with_references(run, parameters, reading), "aggregator", reads=reading)
    )


def with_references(run: Run, parameters: Parameters, references: Sequence[Reply]) -> Messages:
    """The conversation, with the other models' answers in it once there are any."""
    if not references:
        return run.messages
    texts = [reference.text for reference in references]
    block = run.told(AGGREGATE, answers=numbered(texts, parameters.reference_char_limit))
    return guided(run, block, usually="system")


def sampling(parameters: Parameters) -> dict[str, Any]:
    """Of members that have none of their own."""
    chosen = {"temperature": parameters.member_temperature, "max_tokens": parameters.member_max_tokens}
    return {name: value for name, value in chosen.items() if value is not None}
