"""What is wrong with a graph mode, found before any call costs money."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from composite_llm.graph import conditions
from composite_llm.graph.references import Path, fields_of, inputs, places
from composite_llm.graph.results import FIELDS
from composite_llm.graph.steps import Fanout, If, LoopUntil, Reflect, Score, Step, Tool, Vote
from composite_llm.request.prompts import ALWAYS

Complaint = tuple[Path, str]
Steps = Mapping[str, Step]

RESERVED = (*ALWAYS, "null", "true", "false", "and", "or", "not", "in", "is")


def complaints(steps: Steps, final: str) -> list[Complaint]:
    """Each with its path inside the mode; the ones that hide others come alone."""
    unbound = [*_in_scope(steps, {}, ("steps",)), *_bound((("final",), final), steps, {})]
    if unbound:
        return unbound
    return [*_cycles(steps, ("steps",)), *_dead(steps, final, ("steps",))] or list(_final(steps, final))


def _in_scope(steps: Steps, outer: Steps, path: Path) -> Iterator[Complaint]:
    """Names: those that are taken, and those that lead nowhere."""
    scope = {**outer, **steps}
    for name, step in steps.items():
        here = (*path, name)
        if name in outer or name in RESERVED:
            yield here, f"the name {name!r} is taken; choose another"
        for where, wanted in inputs(step):
            yield from _bound(((*here, *where), wanted), steps, outer)
        for where, place in places(step):
            yield from _placed((*here, *where), place, scope)
        yield from _of_its_kind(name, step, scope, here)


def _of_its_kind(name: str, step: Step, scope: Steps, here: Path) -> Iterator[Complaint]:
    match step:
        case If():
            yield from _condition((*here, "if"), step.condition, scope)
        case LoopUntil():
            yield from _loop(name, step, scope, here)
        case Reflect() if answers_of(step.reflect, scope) > 1:
            several = f"{step.reflect!r} is several answers, and one can be mended; synthesize them first"
            yield (*here, "reflect"), several
        case Reflect() | Vote() | Score():
            for path, wanted in inputs(step):
                if answers_of(wanted, scope) == 0:
                    yield (*here, *path), f"{wanted!r} is what a tool came to, and no model's answer"
        case _:
            return


def _loop(name: str, loop: LoopUntil, scope: Steps, here: Path) -> Iterator[Complaint]:
    """Inside, the loop's own name is what it came to so far, and so no cycle."""
    outside = {**scope, name: loop}
    found = list(_in_scope(loop.steps, outside, (*here, "steps")))
    found += _bound(((*here, "result"), loop.result), loop.steps, {})
    found = found or list(_condition((*here, "loop_until"), loop.loop_until, {**outside, **loop.steps}))
    found = found or [*_cycles(loop.steps, (*here, "steps")), *_dead_inside(loop, scope, here)]
    yield from found
    if not found and loop.start is None and name in _read_inside(loop, outside):
        yield (*here, "start"), f"is missing: in its first round {name!r} would stand for nothing"
    if not found and answers_of(loop.result, loop.steps) != 1:
        yield (*here, "result"), f"{loop.result!r} is no single answer; a round must come to one"


def _bound(reference: tuple[Path, str], steps: Steps, outer: Steps) -> Iterator[Complaint]:
    path, name = reference
    scope = {**outer, **steps}
    if name not in scope:
        yield path, f"there is no step {name!r}{_hint(name, scope)}"


def _placed(path: Path, place: str, scope: Steps) -> Iterator[Complaint]:
    name, _, field = place.partition(".")
    if name not in scope:
        yield path, f"{{{{{place}}}}} names no step{_hint(name, scope)}"
    elif field and field not in FIELDS[scope[name].kind]:
        known = ", ".join(FIELDS[scope[name].kind])
        yield path, f"{{{{{place}}}}}: a {scope[name].kind} step has no {field!r}; it has {known}"


def _condition(path: Path, text: str, scope: Steps) -> Iterator[Complaint]:
    try:
        conditions.check(text, fields_of(scope))
    except conditions.BadCondition as error:
        yield path, str(error)


def _cycles(steps: Steps, path: Path) -> Iterator[Complaint]:
    """One complaint for the first circle that is found."""
    done: set[str] = set()
    for start in steps:
        if circle := _circle(start, steps, [], done):
            yield (*path, circle[0]), f"goes in a circle: {' reads '.join([*circle, circle[0]])}"
            return


def _circle(name: str, steps: Steps, above: list[str], done: set[str]) -> list[str]:
    if name in above:
        return above[above.index(name) :]
    if name in done:
        return []
    for wanted in read_by(name, steps):
        if found := _circle(wanted, steps, [*above, name], done):
            return found
    done.add(name)
    return []


def read_by(name: str, steps: Steps) -> list[str]:
    """All steps among `steps` that `steps[name]` may ever read."""
    return [other for other in _names_of(steps[name], steps) if other in steps]


def _names_of(step: Step, scope: Steps) -> list[str]:
    named = [name for _, name in inputs(step)]
    named += [place.split(".")[0] for _, place in places(step)]
    if isinstance(step, If):
        named += conditions.asked(step.condition)
    if isinstance(step, LoopUntil):
        named += _names_outside(step, scope)
    return list(dict.fromkeys(named))


def _names_outside(loop: LoopUntil, scope: Steps) -> list[str]:
    """What the steps of a loop read that is neither one of them nor the loop itself."""
    inside = {**scope, **loop.steps}
    named = conditions.asked(loop.loop_until)
    named += [name for each in loop.steps.values() for name in _names_of(each, inside)]
    return [name for name in named if name not in loop.steps and scope.get(name) is not loop]


def _dead(steps: Steps, final: str, path: Path) -> Iterator[Complaint]:
    alive = _reached([final], steps)
    for name in steps:
        if name not in alive:
            yield (*path, name), "no step reads it, so it would never run; take it out, or make it `final`"


def _dead_inside(loop: LoopUntil, scope: Steps, here: Path) -> Iterator[Complaint]:
    asked = [name for name in conditions.asked(loop.loop_until) if name in loop.steps]
    alive = _reached([loop.result, *asked], loop.steps)
    for name in loop.steps:
        if name not in alive:
            yield (*here, "steps", name), "neither the result nor the condition needs it"


def _reached(start: list[str], steps: Steps) -> set[str]:
    alive: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in alive:
            alive.add(name)
            waiting += read_by(name, steps)
    return alive


def _read_inside(loop: LoopUntil, scope: Steps) -> list[str]:
    """All names that its steps and its condition use."""
    inside = {**scope, **loop.steps}
    named = conditions.asked(loop.loop_until)
    return [*named, *(name for each in loop.steps.values() for name in _names_of(each, inside))]


def _final(steps: Steps, final: str) -> Iterator[Complaint]:
    answers = answers_of(final, steps)
    if answers == 0:
        yield (
            ("final",),
            f"{final!r} is what a tool came to, and no answer; let a base_call write one from it",
        )
    elif answers > 1:
        yield ("final",), f"{final!r} is several answers; synthesize, vote or score makes one of them"


def answers_of(name: str, steps: Steps) -> int:
    """How many answers a step comes to, at most; 0 where it is a tool's result, or may be."""
    step = steps.get(name)
    if isinstance(step, If):
        others = {other: each for other, each in steps.items() if other != name}  # it may go in a circle
        branches = [answers_of(branch, others) for branch in (step.then, step.otherwise)]
        return 0 if 0 in branches else max(branches)
    if isinstance(step, Fanout):
        return sum(expert.count for expert in step.fanout)
    return 0 if isinstance(step, Tool) else 1


def _hint(name: str, scope: Steps) -> str:
    near = get_close_matches(name, scope, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(scope)}"
