"""Rounds of proposers with a judge after each, and an aggregator."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import smoa


@formula("smoa", "R·(N + 1) + 1", smoa.Parameters)
def plan(parameters: smoa.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    """At least one round, where the judge may end it; at most all of them, the roles, and each verdict asked for twice."""
    s, o = size.instruction, size.answer
    *_, judge, aggregator = parameters.models(base_model)
    rounds = [_round(parameters, size, judge, number) for number in range(1, parameters.rounds + 1)]
    held = rounds[:1] if parameters.early_stop and rounds[0].least != rounds[0].most else rounds
    selected = min(parameters.select, len(parameters.proposers))
    final = Plan.certain([Planned("smoa.aggregate", aggregator, size.question + s + selected * o, o)])
    least = [call for each in held for call in each.least]
    most = [call for each in rounds for call in each.most]
    roles = [Planned("smoa.roles", judge, s, size.verdict)] * 2 if parameters.assign_roles else []
    return Plan(least, [*roles, *most]).then(final)


def _round(parameters: smoa.Parameters, size: Size, judge: str, number: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    n = len(parameters.proposers)
    read = (
        q + (s + min(parameters.select, n) * o if number > 1 else 0) + (s if parameters.assign_roles else 0)
    )
    proposals = [Planned(f"smoa.round{number}", member.model, read, o) for member in parameters.proposers]
    if not parameters.judged(n, number):
        return Plan.certain(proposals)
    verdict = Planned(f"smoa.select{number}", judge, q + s + n * o, r)
    return Plan([*proposals, verdict], [*proposals, verdict, verdict])
