"""Reflection: what each round of critique finds and changes, and whether it was worth it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding
from collector.statistics.observed import Observed, as_table
from collector.statistics.spent import REAL, SPENT, WHOLE, Spent
from collector.statistics.tallies import counts, mean, share
from collector.store.interface import Answers
from composite_llm import conventions as c

ROUNDS = pa.schema(
    {
        "round": WHOLE,
        "critiques": WHOLE,
        "accepted": WHOLE,
        "accept_rate": REAL,
        "unread": WHOLE,
        "issues_low": WHOLE,
        "issues_medium": WHOLE,
        "issues_high": WHOLE,
        "rewrites": WHOLE,
        "mean_changed": REAL,
        "mean_length_ratio": REAL,
        "picked_rewrite": WHOLE,
        "picked_draft": WHOLE,
        **SPENT,
    }
)


@dataclass(slots=True)
class _Round:
    verdicts: Counter[str | None] = field(default_factory=Counter[str | None])
    issues: Counter[str] = field(default_factory=Counter[str])
    changed: list[float | None] = field(default_factory=list[float | None])
    ratios: list[float | None] = field(default_factory=list[float | None])
    picked: Counter[str | None] = field(default_factory=Counter[str | None])
    spent: Spent = field(default_factory=Spent)


def reflect_rounds(store: Answers, period: RunsOf) -> pa.Table:
    """One row per round, the first one first: round (1-based), critiques, accepted (drafts they would not change),
    accept_rate, unread (critiques that could not be), issues_low, issues_medium and issues_high, rewrites (that came to one),
    mean_changed (share of words, 0 to 1), mean_length_ratio (a rewrite's characters by its draft's), picked_rewrite
    and picked_draft (of runs whose last rewrite was in this round, which a judge preferred), and of its critiques and
    rewrites, also those that failed, calls, cost_usd (null if unknown), unpriced_calls, input_tokens, output_tokens."""
    observed = Observed.of(store, "reflect", period)
    rounds: dict[int, _Round] = {}
    for critiques in observed.runs(c.REFLECT_VERDICT).values():
        for number, critique in enumerate(critiques, start=1):
            _criticised(rounds.setdefault(number, _Round()), observed, critique)
    comparisons = observed.runs(c.REFLECT_PICKED)
    for run, rewrites in observed.by_run(observed.named("reflect.rewrite")).items():
        for number, rewrite in enumerate(rewrites, start=1):
            _rewritten(rounds.setdefault(number, _Round()), observed, rewrite)
        for comparison in comparisons.get(run, ()):
            rounds[len(rewrites)].picked[comparison.text(c.REFLECT_PICKED)] += 1
    return as_table((_row(number, found) for number, found in sorted(rounds.items())), ROUNDS)


def _criticised(found: _Round, observed: Observed, critique: Finding) -> None:
    found.verdicts[critique.text(c.REFLECT_VERDICT)] += 1
    found.issues.update(counts(critique, c.REFLECT_ISSUES))
    found.spent.add(observed.spent_below(critique.key))


def _rewritten(found: _Round, observed: Observed, rewrite: Finding) -> None:
    if rewrite.has(c.REFLECT_CHANGED):
        found.changed.append(rewrite.number(c.REFLECT_CHANGED))
        found.ratios.append(rewrite.number(c.REFLECT_LENGTH_RATIO))
    found.spent.add(observed.spent_below(rewrite.key))


def _row(number: int, found: _Round) -> dict[str, Any]:
    critiques, accepted = found.verdicts.total(), found.verdicts["accept"]
    return {
        "round": number,
        "critiques": critiques,
        "accepted": accepted,
        "accept_rate": share(accepted, critiques),
        "unread": found.verdicts["none"],
        "issues_low": found.issues["low"],
        "issues_medium": found.issues["medium"],
        "issues_high": found.issues["high"],
        "rewrites": len(found.changed),
        "mean_changed": mean(found.changed),
        "mean_length_ratio": mean(found.ratios),
        "picked_rewrite": found.picked["rewrite"],
        "picked_draft": found.picked["draft"],
        **found.spent.columns,
    }
