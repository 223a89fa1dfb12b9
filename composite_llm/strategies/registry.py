"""Strategies by the name they have in a model string."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from composite_llm.engine.run import Reply, Run
from composite_llm.request.prompts import Prompt
from composite_llm.request.route import COMPOSITE_PREFIX, SIMULATED_PREFIX
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
    names_provider: bool = False
    """Its name is the provider of its base model, too: `composite/composer-cli/auto` asks `composer-cli/auto`."""
    experimental: bool = False
    """What it does, and what it takes, may change, and little speaks for its answers yet."""

    def base_model(self, rest: str) -> str:
        """The model that what stands after the strategy's name stands for."""
        if not self.names_provider or not rest:
            return rest
        simulated = SIMULATED_PREFIX if rest.startswith(SIMULATED_PREFIX) else ""
        return f"{simulated}{self.name}/{rest.removeprefix(simulated).removeprefix(f'{self.name}/')}"

    @property
    def form(self) -> str:
        """How it is asked for."""
        return f"{COMPOSITE_PREFIX}{self.name}/{'' if self.names_provider else '<provider>/'}<model>"


STRATEGIES: dict[str, Strategy] = {}


def strategy(
    name: str,
    parameters: type[StrategyParameters],
    prompts: Sequence[Prompt] = (),
    *,
    names_provider: bool = False,
    experimental: bool = False,
) -> Callable[[Algorithm], Algorithm]:
    """Make the decorated function answer to `composite/<name>/…`."""

    def register(run: Algorithm) -> Algorithm:
        STRATEGIES[name] = Strategy(name, parameters, run, tuple(prompts), names_provider, experimental)
        return run

    return register
