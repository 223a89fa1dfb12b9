"""Graph modes: strategies written as steps in YAML, checked before they run, run by the same engine."""

# The registry first: it takes in the graph strategy, which needs this package.
import composite_llm.strategies  # pyright: ignore[reportUnusedImport]  # noqa: F401
