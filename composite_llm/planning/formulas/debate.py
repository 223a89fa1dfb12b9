"""Rounds of agents that read each other, and whoever decides in the end. A verdict that cannot be read is asked for twice."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import debate
from composite_llm.strategies.parts.topology import heard_by


@formula("debate", "N·R; + 1 with decide: judge or summarize", debate.Parameters)
def plan(parameters: debate.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    rounds = [_round(parameters, base_model, size, number) for number in range(1, parameters.rounds + 1)]
    ends_early = parameters.stop_on_consensus and len(rounds[0]) > 1
    held = rounds[:1] if ends_early else rounds
    least = [call for calls in held for call in calls]
    most = [call for calls in rounds for call in calls]
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    read, decider = q + s + len(rounds[0]) * o, parameters.decider or base_model
    if parameters.decide == "summarize":
        summary = [Planned("debate.summary", decider, read, o)]
        return Plan([*least, *summary], [*most, *summary])
    if parameters.decide == "judge" and len(rounds[0]) > 1:
        verdicts = [Planned("debate.judge", decider, tokens, r) for tokens in (read, read + r + s)]
        return Plan(least, [*most, *verdicts])
    return Plan(least, most)


def _round(parameters: debate.Parameters, base_model: str, size: Size, number: int) -> list[Planned]:
    """Where everybody disagrees: each round an agent reads its thread, with what it hears in each revision."""
    seats = parameters.seats(base_model)
    calls: list[Planned] = []
    for seat, member in enumerate(seats):
        read = size.question
        for revision in range(1, number):
            heard = heard_by(seat, parameters.topology, parameters.group_size, revision, [None] * len(seats))
            read += size.answer + size.instruction + len(heard) * size.answer
        calls.append(Planned(f"debate.round{number}", member.model, read, size.answer))
    return calls
