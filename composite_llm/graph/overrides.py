"""Replacing the prompts of a mode's steps, as those of any strategy's stages can be replaced."""

from collections.abc import Iterator, Mapping

from composite_llm.graph.references import OF_THE_PROMPT, fields_of
from composite_llm.graph.steps import (
    BaseCall,
    Fanout,
    LoopUntil,
    Mode,
    Reflect,
    Score,
    Step,
    Synthesize,
    Think,
    Vote,
)
from composite_llm.request.prompts import Prompt

_WITH_A_PROMPT = (BaseCall, Fanout, Synthesize, Think, Vote, Score, Reflect, Mode)


def overridable(steps: Mapping[str, Step], outer: Mapping[str, Step] | None = None) -> list[Prompt]:
    """One for each step that has a prompt, by the step's name; its places are the steps it may name."""
    scope = {**(outer or {}), **steps}
    known = tuple(
        place
        for name, fields in fields_of(scope).items()
        for place in (name, *(f"{name}.{key}" for key in fields))
    )
    found: list[Prompt] = []
    for name, step in steps.items():
        if isinstance(step, _WITH_A_PROMPT):
            found.append(Prompt(name, "", (*OF_THE_PROMPT.get(type(step), ()), *known)))
        elif isinstance(step, LoopUntil):
            found += overridable(step.steps, scope)
    return found


def with_overrides(steps: Mapping[str, Step], prompts: Mapping[str, str]) -> Mapping[str, Step]:
    return dict(_overridden(steps, prompts)) if prompts else steps


def _overridden(steps: Mapping[str, Step], prompts: Mapping[str, str]) -> Iterator[tuple[str, Step]]:
    for name, step in steps.items():
        if isinstance(step, LoopUntil):
            yield name, step.model_copy(update={"steps": with_overrides(step.steps, prompts)})
        elif name in prompts:
            field = "base_call" if isinstance(step, BaseCall) else "prompt"
            yield name, step.model_copy(update={field: prompts[name]})
        else:
            yield name, step
