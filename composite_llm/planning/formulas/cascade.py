"""Steps one after the other, each tested, until one is accepted."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import cascade
from composite_llm.strategies.parts.acceptance import Consistent, Judged
from composite_llm.strategies.parts.cascade_steps import Step


@formula("cascade", "1 step … all K, and their judges", cascade.Parameters)
def plan(parameters: cascade.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    """Where each of the steps may be the one that is accepted; a mark that cannot be read is asked for twice."""
    before: list[Planned] = []
    most: list[Planned] = []
    ways: list[list[Planned]] = []
    for number, step in enumerate(parameters.tried, start=1):
        answers, marks = _calls(parameters, number, step, size)
        ways.append([*before, *answers, *marks])
        is_judged_first = isinstance((step.accept or [None])[0], Judged)
        before += [*answers, *(marks if is_judged_first else [])]
        most += [*answers, *marks, *marks]
    last, _ = _calls(parameters, len(parameters.tried) + 1, parameters.last(base_model), size)
    return Plan(min([*ways, [*before, *last]], key=len), [*most, *last])


def _calls(
    parameters: cascade.Parameters, number: int, step: Step, size: Size
) -> tuple[list[Planned], list[Planned]]:
    """Of a step: its answers, and their mark where a judge gives one."""
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    reads = q + s + o if parameters.carry == "draft" and number > 1 else q
    stage, agreeing, judged = f"cascade.step{number}", step.test_of(Consistent), step.test_of(Judged)
    answers = [Planned(stage, step.model, reads, o)] * (agreeing.samples if agreeing else 1)
    return answers, [Planned(stage, judged.model or step.model, q + s + o, r)] if judged else []
