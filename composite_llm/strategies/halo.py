"""HALO, bounded (after Hou et al., arXiv 2505.13516). Experimental.

1. With `refine`, a call says in full what is asked.
2. The planner writes one subtask at a time, or ends the work, given what was found so far.
3. For each subtask it designs roles, and a tree of answers is searched: UCB1 chooses the answer to go on from, every
   role answers below it, each answer is judged (success, fail, continue) and scored, and the scores count for all
   answers they go back to. A success ends the search.
4. The best answer of each subtask is its result. One call writes the answer from all results.

What the original leaves without an end has one here: a tree grows `simulations` times and no deeper than
`max_depth`, nothing is simulated that is not kept, and with `most_calls` reached the best that there is goes on. What
the planner or the judge says and cannot be read is asked for once more, then: the question itself is the subtask,
one role without a prompt works on it, an answer is worth 0 and may be continued.

Cost, for S subtasks, r roles and m simulations: [refine] + S·(2 + 2·r·m) + 1 calls, one more for each plan,
design and verdict that cannot be read, and never more than `most_calls`; in S·m·r·(q+2s+o) and more with every
level, out S·m·r·(o+v) + o (q the subtask and what was found, o an answer, v a verdict, s instructions,
in tokens).
"""

from collections.abc import Sequence

from composite_llm import conventions as c
from composite_llm.engine.run import Call, Reply, Run
from composite_llm.strategies.parts.agreement import key_of
from composite_llm.strategies.parts.conversation import guided
from composite_llm.strategies.parts.halo_search import ASKED_TWICE, Work, search
from composite_llm.strategies.parts.halo_setup import (
    ANSWER,
    DESIGN,
    PLAN,
    PROMPTS,
    REFINE,
    Parameters,
    Role,
    Roles,
    Step,
)
from composite_llm.strategies.parts.structured import in_shape
from composite_llm.strategies.registry import strategy


@strategy("halo", Parameters, PROMPTS, experimental=True)
async def hierarchical_search(run: Run, parameters: Parameters) -> Reply:
    work = Work(run, parameters)
    if parameters.refine:
        await refine(work)
    stopped_by, number = "subtasks", 0
    while number < parameters.subtasks:
        number += 1
        if work.left < 2 * ASKED_TWICE + ASKED_TWICE + 1:  # a plan, roles, and one answer that is judged
            stopped_by = "calls"
            break
        subtask = await plan(work, number)
        if subtask is None:
            stopped_by = "planner"
            break
        await search(work, number, subtask, await design(work, number, subtask))
        if parameters.stop_on_agreement and agree(work.results[-2:]):
            stopped_by = "agreement"
            break
    async with run.stage("synthesize", "halo.answer") as stage:
        stage.note(c.HALO_SUBTASKS, len(work.results))
        stage.note(c.HALO_STOPPED_BY, stopped_by)
        if not work.results:
            stage.degrade("no subtask came to a result; the question was answered as it is")
            return await stage.final(Call(run.model, run.messages, "writer"))
        messages = guided(run, run.told(ANSWER, results=work.found), usually="tail_user")
        return await stage.final(Call(run.model, messages, "writer", reads=work.results[::-1]))


async def refine(work: Work) -> None:
    run = work.run
    async with run.stage("route", "halo.refine") as stage:
        messages = guided(run, run.told(REFINE), usually="tail_user")
        replies = await stage.together([Call(work.planner, messages, "refiner")], at_least=0)
        work.made += stage.asked
        work.task = f"{replies[0].text}\n\n" if replies else ""


async def plan(work: Work, number: int) -> str | None:
    """The next subtask; None where what was found is enough."""
    run = work.run
    async with run.stage("route", f"halo.plan{number}") as stage:
        told = run.told(PLAN, task=work.task, results=work.found)
        call = Call(work.planner, guided(run, told, usually="tail_user"), "planner", reads=work.results)
        step = await in_shape(stage, call, Step)
        work.made += stage.asked
    if step and step.subtask.strip() and not step.done:
        return step.subtask
    nothing_yet = not work.results
    return run.places["question"] if nothing_yet else None


async def design(work: Work, number: int, subtask: str) -> Sequence[Role]:
    run, most = work.run, work.parameters.specialists
    async with run.stage("route", f"halo.roles{number}") as stage:
        told = run.told(DESIGN, subtask=subtask, count=str(most))
        call = Call(work.planner, [{"role": "user", "content": told}], "designer")
        designed = await in_shape(stage, call, Roles)
        work.made += stage.asked
    return (designed.roles[:most] if designed else []) or [Role(name="solver", prompt="")]


def agree(results: Sequence[Reply]) -> bool:
    keys = [key_of(result.text, "auto") for result in results]
    return len(keys) == 2 and keys[0] is not None and keys[0] == keys[1]
