"""Candidates answer, a judge picks: all at once, or every pair in both orders. What cannot be read is asked for twice."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import judge


@formula("judge", "N + 1; N + N·(N−1) with method: pairwise", judge.Parameters)
def plan(parameters: judge.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    n = len(parameters.candidates)
    answers = [Planned("judge.answers", member.model, q, o) for member in parameters.candidates]
    model = parameters.judge_model or base_model
    asked, shown = (n * (n - 1), 2) if parameters.method == "pairwise" else (min(1, n - 1), n)
    read = q + s + shown * o
    verdicts = [Planned("judge.verdict", model, read, r)] * asked
    again = [Planned("judge.verdict", model, read + r + s, r)] * asked
    return Plan([*answers, *verdicts], [*answers, *verdicts, *again])
