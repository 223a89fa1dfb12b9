"""What each kind of step does, in terms of the engine."""

from collections.abc import Sequence

from composite_llm import conventions as c
from composite_llm.engine.calls import Call
from composite_llm.graph import conditions, judging, tool_step
from composite_llm.graph.asking import Asked, ask, opened, writing
from composite_llm.graph.instructions import SYNTHESIZE, THINK
from composite_llm.graph.parts import Expert
from composite_llm.graph.results import Result
from composite_llm.graph.running import Work
from composite_llm.graph.steps import (
    BaseCall,
    Fanout,
    If,
    LoopUntil,
    Mode,
    Reflect,
    Score,
    Synthesize,
    Think,
    Tool,
    Vote,
)
from composite_llm.request.route import COMPOSITE_PREFIX
from composite_llm.strategies.parts.conversation import instructed


async def perform(work: Work, name: str, *, final: bool) -> Result:
    step = work.scope.steps[name]
    match step:
        case If():
            return await choose(work, name, step, final=final)
        case LoopUntil():
            return await loop(work, name, step)
        case _:
            pass
    asked = Asked(work, name, await work.needed_by(name))
    match step:
        case BaseCall():
            return await base_call(asked, step, final=final)
        case Fanout():
            return await fanout(asked, step)
        case Synthesize():
            return await write(asked, step, step.synthesize, SYNTHESIZE, final=final)
        case Think():
            return await write(asked, step, step.think or [], THINK, final=final)
        case Mode():
            return await mode(asked, step, final=final)
        case Vote():
            return await judging.vote(asked, step)
        case Score():
            return await judging.score(asked, step)
        case Reflect():
            return await judging.reflect(asked, step, final=final)
        case Tool():
            return await tool_step.run(asked, step)
        case _:
            raise AssertionError(f"no way to perform {type(step).__name__}")


async def base_call(asked: Asked, step: BaseCall, *, final: bool) -> Result:
    messages = asked.conversation if step.base_call is None else asked.told(step.base_call)
    parameters = sampling(step)
    async with asked.stage() as stage:
        told = instructed(messages, step.role)
        call = Call(asked.model(step.model), told, "writer", 0, parameters, asked.reads)
        return Result([await ask(stage, call, final=final)])


async def fanout(asked: Asked, step: Fanout) -> Result:
    messages = asked.conversation if step.prompt is None else asked.told(step.prompt)
    experts = [expert for expert in step.fanout for _ in range(expert.count)]
    async with asked.stage() as stage:
        calls = [
            Call(
                expert.model,
                instructed(messages, expert.role),
                "expert",
                index,
                sampling(expert),
                asked.reads,
            )
            for index, expert in enumerate(experts)
        ]
        return Result(await stage.together([writing(stage, call) for call in calls]))


async def write(
    asked: Asked, step: Synthesize | Think, inputs: Sequence[str], instruction: str, *, final: bool
) -> Result:
    """One answer from others'. Who thinks reads also what the client's tools have brought since the others were
    asked, and so is asked at each of its requests."""
    text = step.prompt if step.prompt is not None else instruction
    messages = asked.told(text, needed=("answers",) if inputs else (), answers=asked.text_of(inputs))
    role, tools = ("thinker", ("think",)) if isinstance(step, Think) else ("synthesizer", ())
    if isinstance(step, Think) and not final:  # the final call reads it anyway
        messages = [*messages, *asked.work.run.tooling.rest]
    async with asked.stage() as stage:
        call = Call(asked.model(step.model), messages, role, 0, sampling(step), asked.reads, tools)
        return Result([await ask(stage, call, final=final)])


async def mode(asked: Asked, step: Mode, *, final: bool) -> Result:
    messages = asked.conversation if step.prompt is None else asked.told(step.prompt)
    async with asked.stage() as stage:
        parameters = {"composite": dict(step.parameters)}
        call = Call(COMPOSITE_PREFIX + step.mode, messages, "mode", 0, parameters, asked.reads)
        return Result([await ask(stage, call, final=final)])


async def choose(work: Work, name: str, step: If, *, final: bool) -> Result:
    values = {other: result.values for other, result in (await work.needed_by(name)).items()}
    taken = step.then if conditions.holds(step.condition, work.fields, values) else step.otherwise
    async with opened(work, name) as stage:
        stage.note(c.GRAPH_FOUND, {"taken": taken})
    result = await work.result(taken, final=final)
    return Result(result.replies, result.written)


async def loop(work: Work, name: str, step: LoopUntil) -> Result:
    """What its last round came to. Its answer has been chosen only then, so no round is the final call."""
    so_far = None if step.start is None else await work.result(step.start)
    held, rounds = False, 0
    while not held and rounds < step.max_rounds:
        rounds += 1
        inside = work.inside(name, rounds, step.steps, so_far)
        so_far, held = await _round(inside, step)
    assert so_far is not None
    async with opened(work, name) as stage:
        stage.note(c.GRAPH_FOUND, {"rounds": rounds, "held": held})
    return Result(so_far.replies, so_far.written, {"rounds": rounds, "held": held})


async def _round(inside: Work, step: LoopUntil) -> tuple[Result, bool]:
    result = await inside.result(step.result)
    asked_about = conditions.check(step.loop_until, inside.fields)
    values = {name: found.values for name, found in (await inside.results(asked_about)).items()}
    return result, conditions.holds(step.loop_until, inside.fields, values)


def sampling(part: BaseCall | Expert | Synthesize | Think) -> dict[str, float]:
    chosen = {"temperature": part.temperature, "max_tokens": part.max_tokens}
    return {name: value for name, value in chosen.items() if value is not None}
