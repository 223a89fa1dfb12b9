"""Subtasks, each with a plan, roles and a search, and the answer."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies.parts.halo_search import ASKED_TWICE
from composite_llm.strategies.parts.halo_setup import Parameters


@formula("halo", "S·(2 + 2·r·m) + 1, never above most_calls", Parameters)
def plan(parameters: Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    """At least one subtask that its first answer settles; at most all of them, as far as `most_calls` goes."""
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    planner, solver, writer = parameters.models(base_model)
    refining = [Planned("halo.refine", planner, q + s, r)] if parameters.refine else []
    every: list[Planned] = []
    for number in range(1, parameters.subtasks + 1):
        every += [Planned(f"halo.plan{number}", planner, q + s + (number - 1) * o, r)] * ASKED_TWICE
        every += [Planned(f"halo.roles{number}", planner, 2 * s, s)] * ASKED_TWICE
        for simulation in range(1, parameters.simulations + 1):
            name = f"halo.search{number}.{simulation}"
            above = (min(simulation, parameters.max_depth) - 1) * (o + s)
            solving = Planned(name, solver, 3 * s + (number - 1) * o + above, o)
            judging = Planned(name, planner, 2 * s + o, r)
            every += [solving, *[judging] * ASKED_TWICE] * parameters.specialists
    final = Planned("halo.answer", writer, q + s + parameters.subtasks * o, o)
    one_of_each = list(
        dict.fromkeys(each for each in every if each.stage.startswith(("halo.plan1", "halo.roles1")))
    )
    solved = [each for each in dict.fromkeys(every) if each.stage == "halo.search1.1"]
    least = [*refining, *one_of_each, *solved, Planned("halo.answer", writer, q + s + o, o)]
    return Plan(least, [*[*refining, *every][: parameters.most_calls - 1], final])
