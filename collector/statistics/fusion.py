"""Fusion: what comparisons of answers find, and who adds what nobody else has."""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding
from collector.statistics.observed import Observed, as_table
from collector.statistics.spent import REAL, SPENT, TEXT, WHOLE, Spent
from collector.statistics.tallies import counts, share
from collector.store.interface import Answers
from composite_llm import conventions as c

RUNS = pa.schema(
    {
        "trace_id": TEXT,
        "start_ns": WHOLE,
        "read": TEXT,
        "consensus": WHOLE,
        "contradictions": WHOLE,
        "gaps": WHOLE,
        "blind_spots": WHOLE,
        "unique_insights": WHOLE,
        **SPENT,
    }
)
MEMBERS = pa.schema(
    {"model": TEXT, "compared": WHOLE, "unique_insights": WHOLE, "unique_per_run": REAL, **SPENT}
)


@dataclass(slots=True)
class _Member:
    compared: int = 0
    unique: int = 0
    spent: Spent = field(default_factory=Spent)


def fusion_runs(store: Answers, period: RunsOf) -> pa.Table:
    """One row per comparison, in the order of time: trace_id, start_ns, read (first | repaired | none: it could not
    be), consensus, contradictions, gaps and blind_spots (points found; null where it could not be read),
    unique_insights (of all members), calls, cost_usd (null if unknown), unpriced_calls, input_tokens, output_tokens
    (of the whole run)."""
    observed = Observed.of(store, "fusion", period)
    return as_table((_run(observed, finding) for finding in observed.with_key(c.FUSION_READ)), RUNS)


def fusion_members(store: Answers, period: RunsOf) -> pa.Table:
    """One row per model on the panel, the one with the most insights a run first: model, compared (answers of it in
    comparisons that were read), unique_insights (only it had), unique_per_run, and of its calls calls, cost_usd (null
    if unknown), unpriced_calls, input_tokens, output_tokens. A composite on the panel is `unknown`."""
    observed = Observed.of(store, "fusion", period)
    members: dict[str, _Member] = {}
    for finding in observed.with_key(c.FUSION_READ):
        run = observed.run_of(finding.key)
        by_name = {str(index): model for index, model in observed.models(run, "member").items()}
        for index, unique in counts(finding, c.FUSION_UNIQUE).items():
            model = by_name.get(index, "unknown")
            member = members.setdefault(model, _Member())
            member.compared += 1
            member.unique += unique
        for call in observed.calls_of(run, "member"):
            members.setdefault(call.model, _Member()).spent.book(call)
    rows = [_row(model, member) for model, member in members.items()]
    return as_table(sorted(rows, key=lambda row: (-(row["unique_per_run"] or 0), row["model"])), MEMBERS)


def _run(observed: Observed, finding: Finding) -> dict[str, Any]:
    was_read = finding.text(c.FUSION_READ) in ("first", "repaired")
    return {
        "trace_id": finding.trace_id,
        "start_ns": finding.start_ns,
        "read": finding.text(c.FUSION_READ),
        "consensus": finding.whole(c.FUSION_CONSENSUS),
        "contradictions": finding.whole(c.FUSION_CONTRADICTIONS),
        "gaps": finding.whole(c.FUSION_GAPS),
        "blind_spots": finding.whole(c.FUSION_BLIND_SPOTS),
        "unique_insights": sum(counts(finding, c.FUSION_UNIQUE).values()) if was_read else None,
        **observed.spent_below(observed.run_of(finding.key)).columns,
    }


def _row(model: str, member: _Member) -> dict[str, Any]:
    return {
        "model": model,
        "compared": member.compared,
        "unique_insights": member.unique,
        "unique_per_run": share(member.unique, member.compared),
        **member.spent.columns,
    }
