"""Samples, and a mark for each. What cannot be read is asked for twice."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import best_of_n


@formula("best_of_n", "2N", best_of_n.Parameters)
def plan(parameters: best_of_n.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    n = parameters.samples
    samples = [Planned("best_of_n.samples", base_model, q, o)] * n
    read, judge = q + s + o, parameters.judge_model or base_model
    marks = [Planned("best_of_n.scores", judge, read, r)] * n if n > 1 else []
    again = [Planned("best_of_n.scores", judge, read + r + s, r) for _ in marks]
    return Plan([*samples, *marks], [*samples, *marks, *again])
