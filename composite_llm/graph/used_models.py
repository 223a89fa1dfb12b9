"""Every model that the steps of a mode may call."""

from collections.abc import Iterator, Mapping
from typing import Any

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
from composite_llm.request.route import COMPOSITE_PREFIX


def models_of(steps: Mapping[str, Step], base_model: str) -> list[str]:
    """Each once; `base_model` stands for those that name none."""
    return list(
        dict.fromkeys(model or base_model for step in steps.values() for model in _models(step, base_model))
    )


def final_last(models: list[str], final: Step, base_model: str) -> list[str]:
    """The last one answers where nobody else can: the final step's writer, or the base model."""
    own = getattr(final, "model", None) or base_model
    return [*(model for model in models if model != own), own] if own else models


def thinks_last(steps: Mapping[str, Step], final: str) -> bool:
    """Whether the final step has a think tool, or one that it may go on with."""
    step = steps[final]
    if isinstance(step, If):
        return any(thinks_last(steps, branch) for branch in (step.then, step.otherwise))
    return isinstance(step, Think)


def composites_of(steps: Mapping[str, Step], base_model: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Models that are composites themselves, each with the parameters it is asked with."""
    modes = [
        (COMPOSITE_PREFIX + step.mode, step.parameters) for step in _all(steps) if isinstance(step, Mode)
    ]
    asked = {model for model, _ in modes}
    others = [model for model in models_of(steps, base_model) if model.startswith(COMPOSITE_PREFIX)]
    return [*modes, *((model, {}) for model in others if model not in asked)]


def _all(steps: Mapping[str, Step]) -> Iterator[Step]:
    for step in steps.values():
        yield step
        if isinstance(step, LoopUntil):
            yield from _all(step.steps)


def _models(step: Step, base_model: str) -> Iterator[str | None]:
    match step:
        case Fanout():
            yield from (expert.model for expert in step.fanout)
        case Vote():
            yield from step.voters or ()
        case Reflect():
            yield from (step.critic, step.model)
        case BaseCall() | Synthesize() | Think() | Score():
            yield step.model
        case Mode():
            yield COMPOSITE_PREFIX + step.mode
        case LoopUntil():
            yield from models_of(step.steps, base_model)
        case _:
            return
