"""One strategy a file; each reads as its source's algorithm."""

from composite_llm.strategies import (
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
from composite_llm.strategies.registry import STRATEGIES, Strategy

__all__ = [
    "STRATEGIES",
    "Strategy",
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
    "reflect",
    "rlm",
    "router",
    "self_consistency",
    "smoa",
    "think",
    "tumix",
]
