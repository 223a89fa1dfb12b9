"""Turns of a root model, and what its code asks: one plain call at least, all that is allowed at most."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import rlm


@formula("rlm", "≤ max_iterations + max_llm_calls + 1; + 1 with final", rlm.Parameters)
def plan(parameters: rlm.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    """The context is as long as the question of `size`, and each turn reads what the turns before it wrote and saw."""
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    sub_model, _ = parameters.models(base_model)
    turns = [
        Planned("rlm.turns", base_model, s + turn * (o + r), o) for turn in range(parameters.max_iterations)
    ]
    subcalls = [Planned("rlm.sub_calls", sub_model, s + q, r) for _ in range(parameters.max_llm_calls)]
    closing = Planned("rlm.answer", base_model, s + parameters.max_iterations * (o + r), o)
    writing = [Planned("rlm.final", base_model, s + o, o)] if parameters.final else []
    return Plan([Planned("rlm.direct", base_model, q, o)], [*turns, *subcalls, closing, *writing])
