"""The calls of a graph mode: the fewest and the most, over every way its conditions may turn out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from composite_llm.graph import conditions
from composite_llm.graph.checks import answers_of
from composite_llm.graph.references import fields_of, inputs, needs, places
from composite_llm.graph.steps import (
    BaseCall,
    Fanout,
    If,
    LoopUntil,
    Mode,
    Reflect,
    Score,
    Step,
    Synthesize,
    Think,
    Vote,
)
from composite_llm.planning.planned import Plan, Planned, Size, one_of
from composite_llm.request.route import COMPOSITE_PREFIX

MOST_BRANCHES = 8
"""More conditions than that are not tried out one by one: then both branches count, or none."""

Steps = Mapping[str, Step]
Taken = Mapping[str, Sequence[str]]
"""By the name of an `if`, the branches that are counted."""


def plan_of_steps(
    steps: Steps,
    wanted: Sequence[str],
    base_model: str,
    size: Size,
    thoughts: int,
    outer: Steps | None = None,
) -> Plan:
    """Of the steps that `wanted` cannot be had without."""
    planner = _Planner(steps, {**(outer or {}), **steps}, base_model, size, thoughts)
    ways = [planner.along(wanted, taken) for taken in _ways(steps)]
    return one_of(ways)


def _ways(steps: Steps) -> Iterator[Taken]:
    branching = {name: (step.then, step.otherwise) for name, step in steps.items() if isinstance(step, If)}
    if len(branching) > MOST_BRANCHES:
        yield dict.fromkeys(branching, ())
        yield branching
        return
    for chosen in product(*branching.values()):
        yield {name: (branch,) for name, branch in zip(branching, chosen, strict=True)}


@dataclass(frozen=True, slots=True)
class _Planner:
    steps: Steps
    scope: Steps
    base_model: str
    size: Size
    thoughts: int

    def along(self, wanted: Sequence[str], taken: Taken) -> Plan:
        plan, seen, waiting = Plan(), set[str](), list(wanted)
        while waiting:
            name = waiting.pop(0)
            if name in seen or name not in self.steps:
                continue
            seen.add(name)
            step = self.steps[name]
            waiting += [*needs(step, self.scope), *taken.get(name, ())]
            if isinstance(step, LoopUntil):
                waiting += _read_from_outside(step, self.steps)
            plan = self._calls(name, step).then(plan)
        return plan

    def _calls(self, name: str, step: Step) -> Plan:
        q, o, s, r = self.size.question, self.size.answer, self.size.instruction, self.size.verdict
        reads = q + self._read(step) * o
        match step:
            case BaseCall():
                return self._one(name, step.model, reads + (s if step.role else 0), o)
            case Fanout():
                calls = [
                    Planned(name, expert.model, reads + (s if expert.role else 0), o)
                    for expert in step.fanout
                    for _ in range(expert.count)
                ]
                return Plan.certain(calls)
            case Synthesize():
                return self._one(name, step.model, reads + s, o)
            case Think():
                turns = [
                    Planned(name, step.model or self.base_model, reads + s + k * r, r)
                    for k in range(self.thoughts)
                ]
                final = [Planned(name, step.model or self.base_model, reads + s, o)]
                return Plan(final, [*turns, *final])
            case Vote():
                voters = step.voters if step.voters and self._answers(step) > 1 else []
                return Plan.certain([Planned(name, model, reads + s, r) for model in voters])
            case Score():
                judge = step.model or self.base_model
                return Plan.certain([Planned(name, judge, q + s + o, r) for _ in range(self._answers(step))])
            case Reflect():
                critique = Planned(name, step.critic or self.base_model, q + s + o, r)
                rewrite = Planned(name, step.model or self.base_model, q + s + o + r, o)
                return Plan([critique], [critique, rewrite] * step.rounds)
            case Mode():
                return self._one(name, COMPOSITE_PREFIX + step.mode, reads, o)
            case LoopUntil():
                return self._loop(step)
            case _:
                return Plan()

    def _loop(self, step: LoopUntil) -> Plan:
        inside = {**self.scope, **step.steps}
        asked = conditions.check(step.loop_until, fields_of(inside))
        wanted = [step.result, *(name for name in asked if name in step.steps)]
        once = plan_of_steps(step.steps, wanted, self.base_model, self.size, self.thoughts, self.scope)
        return Plan(once.least, list(once.most) * step.max_rounds)

    def _one(self, name: str, model: str | None, tokens_in: int, tokens_out: int) -> Plan:
        return Plan.certain([Planned(name, model or self.base_model, tokens_in, tokens_out)])

    def _read(self, step: Step) -> int:
        """How many answers stand in what it is asked."""
        named = [name for _, name in inputs(step)]
        named += [place for _, place in places(step) if "." not in place]
        return sum(max(1, answers_of(name, self.scope)) for name in named)

    def _answers(self, step: Vote | Score) -> int:
        return sum(answers_of(name, self.scope) for _, name in inputs(step))


def _read_from_outside(loop: LoopUntil, steps: Steps) -> list[str]:
    """Steps beside the loop that its own steps read."""
    inside = {**steps, **loop.steps}
    read = [name for step in loop.steps.values() for name in needs(step, inside)]
    return [name for name in read if name in steps and steps[name] is not loop]
