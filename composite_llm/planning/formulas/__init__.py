"""The calls of each strategy, by the formula its docstring gives: one file a strategy, as in `strategies/`."""

from composite_llm.planning.formulas import (
    best_of_n,
    cascade,
    composer_cli,
    council,
    debate,
    direct,
    fusion,
    graph,
    judge,
    moa,
    reflect,
    rlm,
    router,
    self_consistency,
    smoa,
    think,
    tumix,
)
from composite_llm.planning.formulas.registry import FORMULAS, plan_of

__all__ = [
    "FORMULAS",
    "best_of_n",
    "cascade",
    "composer_cli",
    "council",
    "debate",
    "direct",
    "fusion",
    "graph",
    "judge",
    "moa",
    "plan_of",
    "reflect",
    "rlm",
    "router",
    "self_consistency",
    "smoa",
    "think",
    "tumix",
]
