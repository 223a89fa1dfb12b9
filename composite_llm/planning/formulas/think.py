"""A model with a scratchpad: a turn for each thought, and the answer."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import think


@formula("think", "1 to max_thinks + 1", think.Parameters)
def plan(parameters: think.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    answer = Planned("think", base_model, q + s, o)
    if parameters.think_tags == "always":
        return Plan.certain([Planned("think", base_model, q + s, r + o)])
    turns = [Planned("think", base_model, q + s + k * r, r) for k in range(parameters.max_thinks)]
    last = Planned("think", base_model, q + s + parameters.max_thinks * r, o)
    return Plan([answer], [*turns, last])
