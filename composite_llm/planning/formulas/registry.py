"""Plans by the class of a strategy's parameters."""

from collections.abc import Callable
from functools import singledispatch
from typing import TypeVar

from composite_llm.planning.planned import Plan, Size
from composite_llm.strategies.parameters import StrategyParameters

P = TypeVar("P", bound=StrategyParameters)
Planner = Callable[[P, str, Size, int], Plan | None]

FORMULAS: dict[str, str] = {}
"""By a strategy's name, how many calls it makes, in `told.SYMBOLS`."""


@singledispatch
def plan_of(parameters: StrategyParameters, base_model: str, size: Size, thoughts: int) -> Plan | None:
    """None for a strategy nobody has written a plan for. `thoughts`: the most that tools may be run."""
    return None


def formula(name: str, calls: str, parameters: type[P]) -> Callable[[Planner[P]], Planner[P]]:
    """The decorated function plans the strategy of this name; `calls` is its formula in words."""

    def register(plan: Planner[P]) -> Planner[P]:
        FORMULAS[name] = calls
        plan_of.register(parameters, plan)
        return plan

    return register
