"""Self-consistency, best of n and judge: answers of which one is chosen, and how clear that was."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding
from collector.statistics.observed import Observed, as_table
from collector.statistics.spent import REAL, SPENT, TEXT, WHOLE
from collector.store.interface import Answers
from composite_llm import conventions as c

CHOICES = pa.schema(
    {
        "trace_id": TEXT,
        "start_ns": WHOLE,
        "strategy": TEXT,
        "samples": WHOLE,
        "agreement": REAL,
        "margin": REAL,
        "entropy": REAL,
        "spread": REAL,
        "unmarked": WHOLE,
        "flip_rate": REAL,
        "decided_by": TEXT,
        "winner": WHOLE,
        "winner_model": TEXT,
        **SPENT,
    }
)
Told = Callable[[Observed, Finding], dict[str, Any]]


def choices(store: Answers, period: RunsOf) -> pa.Table:
    """One row per choice among several answers, by strategy and in the order of time: trace_id, start_ns, strategy
    (self_consistency | best_of_n | judge), samples (answers there were), agreement, margin, entropy (bits) and
    decided_by (vote | llm) of a vote, spread (best mark less worst) and unmarked (answers without a mark) of best of
    n, flip_rate (share of pairs decided otherwise in another order) of pairwise judging, winner (index of its call)
    and winner_model, calls, cost_usd (null if unknown), unpriced_calls, input_tokens, output_tokens. What a strategy
    does not tell is null."""
    return as_table(
        [
            *_chosen(store, period, "self_consistency", c.SELF_CONSISTENCY_WINNER, "sample", _voted),
            *_chosen(store, period, "best_of_n", c.BEST_OF_N_WINNER, "sample", _marked),
            *_chosen(store, period, "judge", c.JUDGE_WINNER, "candidate", _judged),
        ],
        CHOICES,
    )


def _chosen(
    store: Answers, period: RunsOf, strategy: str, key: str, role: str, told: Told
) -> list[dict[str, Any]]:
    observed = Observed.of(store, strategy, period)
    return [
        _row(observed, finding, strategy, key, role) | told(observed, finding)
        for finding in observed.with_key(key)
    ]


def _row(observed: Observed, finding: Finding, strategy: str, key: str, role: str) -> dict[str, Any]:
    run, winner = observed.run_of(finding.key), finding.whole(key)
    return {
        "trace_id": finding.trace_id,
        "start_ns": finding.start_ns,
        "strategy": strategy,
        "winner": winner,
        "winner_model": None if winner is None else observed.models(run, role).get(winner, "unknown"),
        **observed.spent_below(run).columns,
    }


def _voted(observed: Observed, finding: Finding) -> dict[str, Any]:
    return {
        "samples": finding.whole(c.SELF_CONSISTENCY_SAMPLES),
        "agreement": finding.number(c.SELF_CONSISTENCY_AGREEMENT),
        "margin": finding.number(c.SELF_CONSISTENCY_MARGIN),
        "entropy": finding.number(c.SELF_CONSISTENCY_ENTROPY),
        "decided_by": finding.text(c.SELF_CONSISTENCY_DECIDED_BY),
    }


def _marked(observed: Observed, finding: Finding) -> dict[str, Any]:
    marks: dict[str, Any] = finding.json(c.BEST_OF_N_SCORES, dict) or {}
    return {
        "samples": len(marks),
        "spread": finding.number(c.BEST_OF_N_SPREAD),
        "unmarked": sum(mark is None for mark in marks.values()),
    }


def _judged(observed: Observed, finding: Finding) -> dict[str, Any]:
    """Of pairs the order is none, so answers are counted by the calls that gave one."""
    answered = {
        call.index
        for call in observed.calls_of(observed.run_of(finding.key), "candidate")
        if call.outcome in ("ok", "cached")
    }
    return {"samples": len(answered), "flip_rate": finding.number(c.JUDGE_FLIP_RATE)}
