"""Samples, and a mark for each."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import best_of_n


@formula("best_of_n", "2n", best_of_n.Parameters)
def plan(parameters: best_of_n.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    n = parameters.samples
    samples = [Planned("best_of_n.samples", base_model, q, o)] * n
    mark = Planned("best_of_n.scores", parameters.judge_model or base_model, q + s + o, r)
    marks = [mark] * n if n > 1 else []
    return Plan([*samples, *marks], [*samples, *marks, *marks])
