"""Strategies by the name they have in a model string."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from composite_llm.engine.run import Reply, Run
from composite_llm.request.prompts import Prompt
from composite_llm.strategies.parameters import StrategyParameters

Algorithm = Callable[[Run, Any], Awaitable[Reply]]
"""Takes the run and an instance of the strategy's parameter class; returns the reply the client gets."""


@dataclass(frozen=True, slots=True)
class Strategy:
    name: str
    parameters: type[StrategyParameters]
    run: Algorithm
    prompts: tuple[Prompt, ...] = ()
    """What its models are told, stage by stage, and callers may tell them instead."""


STRATEGIES: dict[str, Strategy] = {}


def strategy(
    name: str, parameters: type[StrategyParameters], prompts: Sequence[Prompt] = ()
) -> Callable[[Algorithm], Algorithm]:
    """Make the decorated function answer to `composite/<name>/…`."""

    def register(run: Algorithm) -> Algorithm:
        STRATEGIES[name] = Strategy(name, parameters, run, tuple(prompts))
        return run

    return register
