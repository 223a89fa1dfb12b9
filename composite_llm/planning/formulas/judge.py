"""Candidates answer, a judge picks: all at once, or every pair in both orders."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import judge


@formula("judge", "N + 1; pairwise N + N·(N−1)", judge.Parameters)
def plan(parameters: judge.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    n = len(parameters.candidates)
    answers = [Planned("judge.answers", member.model, q, o) for member in parameters.candidates]
    model = parameters.judge_model or base_model
    if parameters.method == "list":
        verdicts = [Planned("judge.verdict", model, q + s + n * o, r)] if n > 1 else []
    else:
        verdicts = [Planned("judge.verdict", model, q + s + 2 * o, r)] * (n * (n - 1))
    return Plan([*answers, *verdicts], [*answers, *verdicts, *verdicts])
