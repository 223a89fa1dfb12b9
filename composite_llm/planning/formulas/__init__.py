"""The calls of each strategy, by the formula its docstring gives: one file a strategy, as in `strategies/`."""

from composite_llm.planning.formulas import composer_cli, council, direct, graph, moa
from composite_llm.planning.formulas.registry import FORMULAS, plan_of

__all__ = ["FORMULAS", "composer_cli", "council", "direct", "graph", "moa", "plan_of"]
