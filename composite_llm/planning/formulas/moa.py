"""Layers of proposers and an aggregator, which reads all answers at once or a window of them at a time."""

from collections.abc import Iterator

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import moa


@formula("moa", "N·(layers−1) + 1", moa.Parameters)
def plan(parameters: moa.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s = size.question, size.answer, size.instruction
    *proposers, aggregator = parameters.models(base_model)
    n = len(proposers)
    calls = [
        Planned(f"moa.layer{layer}", model, q if layer == 1 else q + s + n * o, o)
        for layer in range(1, parameters.layers)
        for model in proposers
    ]
    calls += [
        Planned("moa.aggregate", aggregator, q + s + read * o, o) for read in _windows(n, parameters.window)
    ]
    return Plan.certain(calls)


def _windows(n: int, window: int | None) -> Iterator[int]:
    """How many answers each of the aggregator's calls reads: the first `window`, then its own and new ones."""
    window = window or n
    yield min(n, window)
    waiting = n - window
    while waiting > 0:
        yield 1 + min(waiting, window - 1)
        waiting -= window - 1
