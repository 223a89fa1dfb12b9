"""The think tool (Anthropic, March 2025; sierra-research/tau-bench).

1. The model gets one tool more, `think`, which only notes down a thought, and is told in its system message
   when to use it: before it acts, and after each result of a tool.
2. While it thinks, its thoughts are answered here and it is asked again.
3. What else it says or calls is the answer. Where it thinks and calls a client's tool in one turn, the client
   gets its own call; what it sends next is put behind the whole turn again.

Each thought is a span, and none is told to the client unless `expose` says so. After `max_thinks` the tool is
taken away. A model that takes no tools can think between tags instead (`think_tags`); its answer is then given out
as a whole. Models that reason on their own gain little: this is for others, and for checks of rules in chains
of tools.

Cost, for K turns with thoughts, at most `max_thinks`: K+1 calls; in (K+1)·(q+s) + K(K+1)/2·t, out K·t + o
(q conversation, s guidance, t thoughts of a turn, o the answer, in tokens); most of what goes in is a prefix
that providers keep.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from composite_llm.content import Message
from composite_llm.engine.run import Call, Reply, Run
from composite_llm.errors import BadRequest
from composite_llm.request.prompts import Prompt
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.parts.conversation import instructed
from composite_llm.strategies.registry import strategy
from composite_llm.tools.think_tags import takes_tools, without_thoughts

GUIDE = Prompt(
    "guide",
    """\
One of your tools is a scratchpad: it notes down a thought, and neither looks anything up nor changes \
anything. Use it before you act on a request that takes several steps, and whenever a tool has returned \
something. Write down in it:
- which rules and instructions hold for this request,
- what has to be known before the next step, and whether all of it is known,
- whether the step you have in mind agrees with those rules,
- whether what the tools returned is complete, fits together and answers what was asked.
For a plain question answer without it. What you write there is read by nobody else, so your answer must say \
all that matters.""",
)

TAGS = Prompt(
    "tags",
    """\
Begin with your thoughts between <think> and </think>: which rules and instructions hold here, what is known, \
what has to be checked, and whether the answer you have in mind agrees with all of it. Write the answer behind \
</think>. The thoughts are taken away before it is read, so the answer must say all that matters.""",
)


class Parameters(StrategyParameters):
    max_thinks: Annotated[int, Field(ge=1, le=64)] = 8
    """Thoughts a request may have; then the model answers without the tool."""
    guidance: Annotated[str, Field(min_length=1)] = "generic"
    """What the system message says of when to think: `generic`, `none`, or a text of your own, best with the
    rules of your field. Of the tags it tells in any case."""
    expose: Literal["none", "reasoning_content"] = "none"
    """`reasoning_content`: the client gets the thoughts there, as it would a reasoning model's."""
    think_tags: Literal["never", "auto", "always"] = "never"
    """Thoughts between `<think>` tags in place of the tool. `auto`: of models that take no tools, as far as
    LiteLLM's table knows."""

    def models(self, base_model: str) -> list[str]:
        return [base_model]


@strategy("think", Parameters, [GUIDE, TAGS])
async def think(run: Run, parameters: Parameters) -> Reply:
    if (run.client_parameters.get("n") or 1) > 1:
        raise BadRequest("think: n>1 cannot be had, since each answer would need thoughts of its own.")
    if run.client_parameters.get("functions"):
        raise BadRequest("think takes tools=[...], not the older functions=[...].")
    in_tags = parameters.think_tags == "always" or (
        parameters.think_tags == "auto" and not takes_tools(run.model, run.groups)
    )
    exposed = parameters.expose == "reasoning_content"
    call = Call(run.model, guided_by(run, parameters, in_tags=in_tags), "thinker")
    async with run.stage("deliberate", "think") as stage:
        if in_tags:
            return without_thoughts(stage, await stage.final(call, live=False), exposed=exposed)
        return await stage.final(
            replace(
                call,
                internal_tools=["think"],
                max_thinks=parameters.max_thinks,
                exposes_thoughts=exposed,
            )
        )


def guided_by(run: Run, parameters: Parameters, *, in_tags: bool) -> Sequence[Message]:
    generic = run.told(TAGS if in_tags else GUIDE)
    match parameters.guidance:
        case "generic":
            told = generic
        case "none":
            told = generic if in_tags else ""
        case own:
            told = f"{own}\n\n{generic}" if in_tags else own
    return instructed(run.messages, told)
