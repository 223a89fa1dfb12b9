"""The calls of each strategy, by the formula its docstring gives: one file a strategy, as in `strategies/`."""

from composite_llm.planning.formulas import council, direct, graph, moa
from composite_llm.planning.formulas.registry import FORMULAS, plan_of

__all__ = ["FORMULAS", "council", "direct", "graph", "moa", "plan_of"]
