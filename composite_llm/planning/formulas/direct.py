"""One call."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import direct


@formula("direct", "1", direct.Parameters)
def plan(parameters: direct.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    return Plan.certain([Planned("direct", base_model, size.question, size.answer)])
