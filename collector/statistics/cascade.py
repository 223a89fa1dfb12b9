"""Cascades: at which step answers are accepted, and what answers and their tests cost."""

import re
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding
from collector.statistics.observed import Observed, as_table
from collector.statistics.spent import REAL, SPENT, TEXT, WHOLE, Spent
from collector.statistics.tallies import mean, share
from collector.store.interface import Answers
from composite_llm import conventions as c

STEPS = pa.schema(
    {
        "step": WHOLE,
        "model": TEXT,
        "runs": WHOLE,
        "accepted": WHOLE,
        "acceptance_rate": REAL,
        "escalated": WHOLE,
        "escalation_rate": REAL,
        "failed": WHOLE,
        "mean_score": REAL,
        **SPENT,
        "answers_cost_usd": REAL,
        "tests_cost_usd": REAL,
    }
)


@dataclass(slots=True)
class _Step:
    accepted: int = 0
    failed: int = 0
    runs: int = 0
    scores: list[float | None] = field(default_factory=list[float | None])
    answers: Spent = field(default_factory=Spent)
    tests: Spent = field(default_factory=Spent)


def cascade_steps(store: Answers, period: RunsOf) -> pa.Table:
    """One row per step and model, in their order: step (1-based), model (of its answers; `composite` where it is
    one), runs (that came to it), accepted, acceptance_rate (of those runs), escalated (runs that went on to the next
    step, or had none), escalation_rate, failed (runs without an answer there), mean_score (0 to 1, where one was
    told), calls, cost_usd (null if unknown), unpriced_calls, input_tokens, output_tokens, answers_cost_usd and
    tests_cost_usd (its parts: what the step's own calls cost, and what its judge did)."""
    observed = Observed.of(store, "cascade", period)
    steps: dict[tuple[int, str], _Step] = {}
    for finding in observed.named("cascade.step"):
        number = _number(finding)
        if number is not None:
            _count(steps.setdefault((number, _model(observed, finding)), _Step()), observed, finding)
    return as_table((_row(*key, step) for key, step in sorted(steps.items())), STEPS)


def _number(finding: Finding) -> int | None:
    """As the stage is named where it ended before it could say so: what failed has been paid for, too."""
    if finding.has(c.CASCADE_STEP):
        return finding.whole(c.CASCADE_STEP)
    told = re.fullmatch(r"cascade\.step(\d{1,3})", finding.stage_name)
    return int(told[1]) if told else None


def _model(observed: Observed, finding: Finding) -> str:
    calls = observed.calls_at(finding, "step")
    return calls[-1].model if calls else "composite"


def _count(step: _Step, observed: Observed, finding: Finding) -> None:
    tests = Spent.on(observed.calls_at(finding, "judge"))
    step.runs += 1
    accepted = finding.flag(c.CASCADE_ACCEPTED) is True
    step.accepted += accepted
    step.failed += not accepted and finding.text(c.CASCADE_DECIDED_BY) in ("failed", None)
    step.scores.append(finding.number(c.CASCADE_ACCEPT_SCORE))
    step.tests.add(tests)
    step.answers.add(observed.spent_below(finding.key).less(tests))


def _row(number: int, model: str, step: _Step) -> dict[str, Any]:
    whole = Spent()
    whole.add(step.answers)
    whole.add(step.tests)
    return {
        "step": number,
        "model": model,
        "runs": step.runs,
        "accepted": step.accepted,
        "acceptance_rate": share(step.accepted, step.runs),
        "escalated": step.runs - step.accepted,
        "escalation_rate": share(step.runs - step.accepted, step.runs),
        "failed": step.failed,
        "mean_score": mean(step.scores),
        **whole.columns,
        "answers_cost_usd": step.answers.cost_usd,
        "tests_cost_usd": step.tests.cost_usd,
    }
