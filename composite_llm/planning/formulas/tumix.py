"""Rounds of agents with a verdict after some of them, and a tie-break. Turns with tools come on top."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import tumix


@formula("tumix", "R·A, verdicts, a tie-break", tumix.Parameters)
def plan(parameters: tumix.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    """At least the rounds before it may stop; at most all, each verdict asked for twice, and each agent's tools
    used as often as they may be."""
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    seats = parameters.seats()
    judge, *models = parameters.models(base_model)
    verdict, tie = (
        Planned("tumix.stop", judge, q + s + len(seats) * o, r),
        Planned("tumix.vote", judge, q + s + 2 * o, r),
    )
    least: list[Planned] = []
    most: list[Planned] = []
    for number in range(1, parameters.max_rounds + 1):
        read = q + s + (len(seats) * o + s if number > 1 else 0)
        calls = [Planned(f"tumix.round{number}", model, read, o) for model in models]
        turns = [
            Planned(f"tumix.round{number}", model, read + turn * r, r)
            for model, agent in zip(models, seats, strict=True)
            if agent.tools
            for turn in range(thoughts)
        ]
        asked = parameters.stop_by != "margin" and parameters.min_rounds <= number < parameters.max_rounds
        least += calls if number <= parameters.min_rounds else []
        least += (
            [verdict] if asked and number == parameters.min_rounds and parameters.stop_by == "judge" else []
        )
        most += [*turns, *calls, *([verdict, verdict] if asked else [])]
    return Plan(least, [*most, tie, tie])
