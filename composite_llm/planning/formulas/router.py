"""A classifier where no rule decides, and one of the routes."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import router
from composite_llm.strategies.parts.placing import READS_CHARS, READS_TURNS

_MOST_READ = READS_TURNS * READS_CHARS // 4  # four characters a token


@formula("router", "the route's, and ≤ 1 to choose it", router.Parameters)
def plan(parameters: router.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    """A word of the classifier that cannot be read is asked for twice."""
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    asked = (
        [Planned("router.choose", parameters.classifier, s + min(q, _MOST_READ), r)]
        if parameters.classifier
        else []
    )
    by_rules = parameters.rules or parameters.passthrough_on_tools
    named = [*parameters.routes, *(["direct"] if parameters.needs_the_base_model else [])]
    ways = [
        Plan.certain([Planned(f"router.{name}", parameters.destination(name, base_model).model, q, o)])
        for name in named
    ]
    return Plan([] if by_rules else asked, asked * 2, ways)
