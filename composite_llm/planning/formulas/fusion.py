"""A panel answers, a judge compares, a writer writes."""

from composite_llm.planning.formulas.registry import formula
from composite_llm.planning.planned import Plan, Planned, Size
from composite_llm.strategies import fusion


@formula("fusion", "N + 2", fusion.Parameters)
def plan(parameters: fusion.Parameters, base_model: str, size: Size, thoughts: int) -> Plan:
    q, o, s, r = size.question, size.answer, size.instruction, size.verdict
    n = len(parameters.panel)
    models = parameters.models(base_model)
    writer = models[-1]
    panel = Plan.certain([Planned("fusion.panel", model, q, o) for model in models[:n]])
    if n == 1 or parameters.single_call:
        written = o if n == 1 else r + o
        return panel.then(Plan.certain([Planned("fusion.answer", writer, q + s + n * o, written)]))
    judge = models[n]
    analysis = Planned("fusion.analysis", judge, q + s + n * o, r)
    repaired = Planned("fusion.analysis", judge, q + 2 * s + n * o + r, r)
    read = r + (n * o if parameters.writer_reads == "both" else 0)
    answer = Planned("fusion.answer", writer, q + s + read, o)
    return panel.then(Plan([analysis, answer], [analysis, repaired, answer]))
