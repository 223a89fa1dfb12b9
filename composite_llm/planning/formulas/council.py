"""Members answer, reviewers rank, a chairman writes."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import council


@formula("council", "N + M + 1", council.Parameters)
def plan(parameters: council.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    n = len(parameters.council_models)
    *models, chairman = parameters.models(base_model)
    calls = [Planned("council.answers", model, q, o) for model in models[:n]]
    if n > 1:
        read = n - 1 if parameters.exclude_self else n
        calls += [Planned("council.review", model, q + s + read * o, r) for model in models[n:]]
    return Plan.certain([*calls, Planned("council.chair", chairman, q + s + n * o, o)])
