"""Samples, as many as it takes, and a judge where it is to decide and they differ."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import self_consistency


@formula("self_consistency", "n; decide: llm + 1", self_consistency.Parameters)
def plan(parameters: self_consistency.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    n = parameters.samples
    sample = Planned("self_consistency.samples", base_model, q, o)
    judge = Planned("self_consistency.vote", parameters.judge_model or base_model, q + s + n * o, r)
    judged = [judge, judge] if parameters.decide == "llm" and n > 1 else []
    return Plan([sample] * _fewest(parameters), [*[sample] * n, *judged])


def _fewest(parameters: self_consistency.Parameters) -> int:
    """Where all samples agree: whole waves, until those not asked yet could not overtake them."""
    n, wave = parameters.samples, parameters.wave or parameters.samples
    asked = wave
    while asked < n and parameters.margin is None and asked <= n - asked:
        asked += wave
    return min(asked, n)
