"""Sparse mixtures: whose answers are read on, and how many rounds are spared."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding
from collector.statistics.observed import Observed, SpanKey, as_table
from collector.statistics.spent import REAL, SPENT, TEXT, WHOLE, Spent
from collector.statistics.tallies import indices, share
from collector.store.interface import Answers
from composite_llm import conventions as c

RUNS = pa.schema(
    {
        "trace_id": TEXT,
        "start_ns": WHOLE,
        "rounds": WHOLE,
        "rounds_spared": WHOLE,
        "verdicts": WHOLE,
        "read_first": WHOLE,
        "read_repaired": WHOLE,
        "unread": WHOLE,
        "selected": WHOLE,
        "passed_over": WHOLE,
        **SPENT,
    }
)
MEMBERS = pa.schema({"model": TEXT, "answered": WHOLE, "selected": WHOLE, "selection_rate": REAL, **SPENT})


@dataclass(slots=True)
class _Member:
    answered: int = 0
    selected: int = 0
    spent: Spent = field(default_factory=Spent)


def smoa_runs(store: Answers, period: RunsOf) -> pa.Table:
    """One row per run in which a judge selected, in the order of time: trace_id, start_ns (of the first verdict),
    rounds (the last that was judged), rounds_spared (not held because the judge ended them), verdicts, of them
    read_first, read_repaired and unread (all answers were read on), selected and passed_over (answers over all
    verdicts), calls, cost_usd (null if unknown), unpriced_calls, input_tokens, output_tokens."""
    observed = Observed.of(store, "smoa", period)
    runs = observed.runs(c.SMOA_SELECTED)
    return as_table((_run(observed, run, verdicts) for run, verdicts in runs.items()), RUNS)


def smoa_members(store: Answers, period: RunsOf) -> pa.Table:
    """One row per model that proposed, the most often selected first: model, answered (answers that were judged),
    selected, selection_rate, and of all its calls as a proposer calls, cost_usd (null if unknown), unpriced_calls,
    input_tokens, output_tokens. A composite that proposes has no model of its own, and is `unknown`."""
    observed = Observed.of(store, "smoa", period)
    members: dict[str, _Member] = {}
    for run, verdicts in observed.runs(c.SMOA_SELECTED).items():
        models = observed.models(run, "proposer")
        for verdict in verdicts:
            _count(members, models, verdict)
        for call in observed.calls_of(run, "proposer"):
            members.setdefault(call.model, _Member()).spent.book(call)
    rows = [_row(model, member) for model, member in members.items()]
    return as_table(sorted(rows, key=lambda row: (-(row["selection_rate"] or 0), row["model"])), MEMBERS)


def _run(observed: Observed, run: SpanKey, verdicts: list[Finding]) -> dict[str, Any]:
    read = Counter(verdict.text(c.SMOA_READ) for verdict in verdicts)
    return {
        "trace_id": run[0],
        "start_ns": verdicts[0].start_ns,
        "rounds": max((verdict.whole(c.SMOA_ROUND) or 0 for verdict in verdicts), default=0),
        "rounds_spared": sum(verdict.whole(c.SMOA_ROUNDS_SPARED) or 0 for verdict in verdicts),
        "verdicts": len(verdicts),
        "read_first": read["first"],
        "read_repaired": read["repaired"],
        "unread": read["none"],
        "selected": sum(len(indices(verdict, c.SMOA_SELECTED)) for verdict in verdicts),
        "passed_over": sum(len(indices(verdict, c.SMOA_PASSED_OVER)) for verdict in verdicts),
        **observed.spent_below(run).columns,
    }


def _count(members: dict[str, _Member], models: dict[int, str], verdict: Finding) -> None:
    selected = indices(verdict, c.SMOA_SELECTED)
    for index in {*selected, *indices(verdict, c.SMOA_PASSED_OVER)}:
        member = members.setdefault(models.get(index, "unknown"), _Member())
        member.answered += 1
        member.selected += index in selected


def _row(model: str, member: _Member) -> dict[str, Any]:
    return {
        "model": model,
        "answered": member.answered,
        "selected": member.selected,
        "selection_rate": share(member.selected, member.answered),
        **member.spent.columns,
    }
