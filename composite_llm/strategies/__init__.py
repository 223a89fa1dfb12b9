"""One strategy a file; each reads as its source's algorithm."""

from composite_llm.strategies import council, direct, graph, moa
from composite_llm.strategies.registry import STRATEGIES, Strategy

__all__ = ["STRATEGIES", "Strategy", "council", "direct", "graph", "moa"]
