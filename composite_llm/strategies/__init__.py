"""One strategy a file; each reads as its source's algorithm."""

from composite_llm.strategies import composer_cli, council, direct, graph, moa
from composite_llm.strategies.registry import STRATEGIES, Strategy

__all__ = ["STRATEGIES", "Strategy", "composer_cli", "council", "direct", "graph", "moa"]
