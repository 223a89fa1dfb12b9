"""Samples, as many as it takes, and a judge where it is to decide and they differ. What cannot be read is asked for twice."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import self_consistency


@formula("self_consistency", "N; + 1 with decide: llm", self_consistency.Parameters)
def plan(parameters: self_consistency.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    n = parameters.samples
    sample = Planned("self_consistency.samples", base_model, q, o)
    read, judge = q + s + n * o, parameters.judge_model or base_model
    verdicts = [Planned("self_consistency.vote", judge, tokens, r) for tokens in (read, read + r + s)]
    judged = verdicts if parameters.decide == "llm" and n > 1 else []
    return Plan([sample] * _fewest(parameters), [*[sample] * n, *judged])


def _fewest(parameters: self_consistency.Parameters) -> int:
    """Where all samples agree: whole waves, until those not asked yet could not overtake them."""
    n, wave = parameters.samples, parameters.wave or parameters.samples
    asked = wave
    while asked < n and parameters.margin is None and asked <= n - asked:
        asked += wave
    return min(asked, n)
