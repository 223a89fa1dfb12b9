"""A conversation as the root of a recursive run: whether it is long enough for one, and what is asked about what."""

from typing import TYPE_CHECKING

from composite_llm.engine.run import Run
from composite_llm.recursion.coverage import Coverage
from composite_llm.recursion.splitting import Task, task_of, text_of
from composite_llm.recursion.tree import Below, Tree
from composite_llm.recursion.turns import interface_of
from composite_llm.recursion.windows import is_longer_than
from composite_llm.sandbox.choosing import sandbox_named

if TYPE_CHECKING:
    from composite_llm.strategies.rlm import Parameters

_TOOLS_LEFT_OUT = "the client's tools were left out; with final=True a last call has them"


async def is_short(run: Run, tokens: int) -> bool:
    """Whether one call is better: below so many tokens, the base model reads a text better than it explores it."""
    conversation = [*run.messages, *run.tooling.rest]
    if not task_of(conversation).context:
        return True
    return not await is_longer_than("\n".join(map(text_of, conversation)), tokens)


def planted(run: Run, parameters: "Parameters", below: Below) -> tuple[Tree, Task]:
    """`below`: how a node below the root comes to its answer. Whatever of the conversation stays away is told."""
    if not parameters.final:
        if run.tooling.clients:
            run.degraded.append(f"rlm: {_TOOLS_LEFT_OUT}")
            run.tooling.close_vote(words_won=True)  # the last call, should there be one, writes words
        if (asked := run.client_parameters.get("n") or 1) > 1:
            run.degraded.append(f"rlm: one answer was put together, and n={asked} were asked for")
        run.read_all()
    task = task_of(run.messages, whole=parameters.context_from == "all")
    if task.unread:
        run.degraded.append(f"rlm: parts that are no text were left out: {', '.join(task.unread)}")
    tree = Tree(
        run=run,
        settings=parameters,
        coverage=Coverage(task.context),
        below=below,
        interface=interface_of(parameters.interface),
        sandbox=sandbox_named(parameters.sandbox),
        calls_left=parameters.max_llm_calls,
        sub_model=parameters.sub_model or run.model,
    )
    return tree, task
