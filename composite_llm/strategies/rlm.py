"""Recursive language model (Zhang, Kraska and Khattab 2025, arXiv 2512.24601).

The context, which may be far longer than any model's window, is a variable in a REPL. The root model never reads it
as a whole: it writes code that looks into it, and asks models about pieces of it.

1. The user's last message is the question; what came before it, files, results of tools and whatever is too long to
   show are the context. Below `min_context_tokens` one plain call answers, which is better there.
2. A turn of the root model is code, which is run; what it prints is all the model sees.
3. `llm_query` in that code asks the sub-model; `rlm_query` begins at 1 with a question and a text of its own, in a
   REPL of its own, down to `max_depth`, and is a plain call below.
4. It ends when the code, or a tag in its words, gives the answer; or when turns, calls, money or time run out: then
   the root model answers from what it has.

Cost, for T turns and K calls below the root (sub-calls, the turns of deeper nodes, notes put together): at most
T + K + 1 calls, T ≤ `max_iterations` and K ≤ `max_llm_calls`, and with `final` one more;
in Σ_t (s + Σ_{j<t} (a_j + r_j)) + Σ_k (c_k + s), out Σ_t a_t + Σ_k o_k
(s instructions and question, a_t code, r_t what it printed, c_k a piece of the context, o_k an answer, in tokens).
"""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from composite_llm.engine.run import Call, Reply, Run
from composite_llm.engine.single import SingleCalls
from composite_llm.recursion.answering import finished
from composite_llm.recursion.closing import answer_now, final_call, in_time, known, last_words, replied
from composite_llm.recursion.compaction import make_room
from composite_llm.recursion.ended import Ended
from composite_llm.recursion.node import Node, opened
from composite_llm.recursion.opening import opening, told_next
from composite_llm.recursion.performing import perform
from composite_llm.recursion.planting import is_short, planted
from composite_llm.recursion.prompts import CLOSING, ROOT, ROOT_TOOLS, SUMMARY, WITH_FINDINGS
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.registry import strategy


class Parameters(StrategyParameters):
    sub_model: str | None = None
    """Answers `llm_query`. None: the base model."""
    max_depth: Annotated[int, Field(ge=0, le=4)] = 1
    """Nodes with a REPL of their own below the root: 0 has only plain sub-calls. It helps strong coders and hurts
    weak ones."""
    max_iterations: Annotated[int, Field(ge=1, le=100)] = 20
    """Turns of each node."""
    max_llm_calls: Annotated[int, Field(ge=0, le=10_000)] = 50
    """Below the root, in the whole tree."""
    min_context_tokens: Annotated[int, Field(ge=0)] = 16_384
    """A shorter conversation is answered by one plain call."""
    context_from: Literal["auto", "all"] = "auto"
    """`all`: the question, too, is in the context, with the rest of the conversation."""
    output_chars: Annotated[int, Field(ge=500, le=200_000)] = 10_000
    """That the model sees of what one block prints, head and tail."""
    concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    """Sub-calls at once, in the whole tree."""
    child_concurrency: Annotated[int, Field(ge=1, le=16)] = 2
    """Nodes at once, at each depth."""
    compaction: bool = True
    """Has a model put its notes together when they fill its window."""
    compaction_threshold: Annotated[FiniteFloat, Field(gt=0, lt=1)] = 0.8
    """Share of the window."""
    interface: Literal["code", "tools"] = "code"
    """`tools`: for models that would rather call than write code."""
    final: bool = False
    """Adds a last call that writes the reply from what was found, with the client's tools and parameters."""
    sandbox: Literal["auto", "monty", "locked", "unsafe_local"] = "auto"
    """Where code runs."""
    cell_timeout_s: Annotated[FiniteFloat, Field(gt=0)] = 10.0
    """For one block, without the calls it makes."""
    memory_mb: Annotated[int, Field(ge=64)] = 512

    def models(self, base_model: str) -> list[str]:
        return [self.sub_model or base_model, base_model]


@strategy("rlm", Parameters, [ROOT, ROOT_TOOLS, SUMMARY, CLOSING, WITH_FINDINGS])
async def recursive_language_model(run: Run, parameters: Parameters) -> Reply:
    if await is_short(run, parameters.min_context_tokens):
        async with run.stage("direct", "rlm.direct") as stage:
            return await stage.final(Call(run.model, run.messages, "direct"))
    tree, task = planted(run, parameters, below)
    findings = known(run, task)
    if findings is None:
        async with opened(tree, task, run) as root:
            root.ended = await in_time(root, explore)
            findings = replied(root) if root.ended.text is not None else await answer_now(root)
    return await final_call(run, task, findings) if parameters.final else findings


async def below(node: Node) -> str | None:
    """What a node below the root comes to; None for nothing."""
    node.ended = await explore(node)
    return await last_words(node) if node.ended.text is None else node.ended.text


async def explore(node: Node) -> Ended:
    """The turns of one node, until it has its answer or may not go on."""
    interface = node.tree.interface
    node.messages = node.history = opening(node)
    for turn in range(1, node.tree.settings.max_iterations + 1):
        if not node.is_root and not node.tree.take_call():
            return Ended(None, "calls")
        node.turn = turn
        async with node.run.stage("deliberate", f"{node.name}.turn{turn}", under=node) as stage:
            await make_room(node, stage)
            call = Call(node.model, node.messages, node.role, parameters=node.parameters())
            said = await SingleCalls(stage).ask(call)
            if not isinstance(said, Reply):
                return Ended(None, "budget" if said.outcome == "budget" else "error", said)
            node.reply = said
            move = interface.read(said, first=turn == 1)
            done = await perform(node, stage, move)
            outcome = await finished(node, move, done)
            if isinstance(outcome, Ended):
                return outcome
            node.hear(interface.answered(said, move, done.results, told_next(node, outcome or "")))
    return Ended(None, "iterations")
