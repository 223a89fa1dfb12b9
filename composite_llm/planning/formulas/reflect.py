"""A draft, and in each round a critique and what is written anew."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import reflect


@formula("reflect", "2 to 1 + 2R", reflect.Parameters)
def plan(parameters: reflect.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    drafter, critic, rewriter = parameters.models(base_model)
    draft = Planned("reflect.draft", drafter, q, o)
    most = [draft]
    for number in range(1, parameters.rounds + 1):
        read = number if parameters.keep_history else 1
        most += [
            Planned(f"reflect.critique{number}", critic, q + s + o, r),
            Planned(
                f"reflect.critique{number}", critic, q + 2 * s + o + r, r
            ),  # where it has to be asked again
            Planned(f"reflect.rewrite{number}", rewriter, q + s + read * (o + r), o),
        ]
    if parameters.pick == "best":
        most += [Planned("reflect.compare", critic, q + s + 2 * o, r)]
        most += [Planned("reflect.compare", critic, q + 2 * s + 2 * o + r, r)]
    return Plan([draft, Planned("reflect.critique1", critic, q + s + o, r)], most)
