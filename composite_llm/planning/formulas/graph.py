"""The sum of the steps."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Size
from composite_llm.planning.steps import plan_of_steps
from composite_llm.strategies import graph


@formula("graph", "the sum of its steps", graph.Parameters)
def plan(parameters: graph.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    return plan_of_steps(parameters.steps, [parameters.final], base_model, size, thoughts)
