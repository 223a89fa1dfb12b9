"""The calls of each strategy, by the formulas their docstrings give."""

from collections.abc import Iterator
from functools import singledispatch

from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.planning.steps import plan_of_steps
from composite_llm.strategies import council, direct, graph, moa
from composite_llm.strategies.parameters import StrategyParameters

FORMULAS = {
    "direct": "1",
    "moa": "N·(layers−1) + 1",
    "council": "N + M + 1",
    "graph": "the sum of its steps",
}
"""N members, M reviewers."""


@singledispatch
def plan_of(parameters: StrategyParameters, base_model: str, size: Size, thoughts: int) -> Plan | None:
    """None for a strategy nobody has written a plan for. `thoughts`: the most that tools may be run."""
    return None


@plan_of.register
def _(parameters: direct.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    return Plan.certain([Planned("direct", base_model, size.question, size.answer)])


@plan_of.register
def _(parameters: moa.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
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


@plan_of.register
def _(parameters: council.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    n = len(parameters.council_models)
    *models, chairman = parameters.models(base_model)
    calls = [Planned("council.answers", model, q, o) for model in models[:n]]
    if n > 1:
        read = n - 1 if parameters.exclude_self else n
        calls += [Planned("council.review", model, q + s + read * o, r) for model in models[n:]]
    return Plan.certain([*calls, Planned("council.chair", chairman, q + s + n * o, o)])


@plan_of.register
def _(parameters: graph.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    return plan_of_steps(parameters.steps, [parameters.final], base_model, size, thoughts)
