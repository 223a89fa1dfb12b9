"""One sentence on whether the totals of a window can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard import fmt
from dashboard.diagnosis.finding import Finding, Weight
from dashboard.diagnosis.findings import Evidence

Tone = Literal["good", "warning", "bad", "empty"]


@dataclass(frozen=True, slots=True)
class Verdict:
    tone: Tone
    headline: str
    detail: str


def verdict(evidence: Evidence, found: Sequence[Finding]) -> Verdict:
    if not evidence.trust.calls and not found:
        return Verdict("empty", "There is nothing to add up.", "No call was recorded in this window.")
    by_weight = {
        weight: [each.short for each in found if each.weight == weight and each.short] for weight in Weight
    }
    twice, less, maybe = (by_weight[weight] for weight in (Weight.TWICE, Weight.LESS, Weight.MAYBE))
    beside = _beside(evidence)
    if twice:
        headline = f"Spend may be too high: {_joined(twice)}."
        if less:
            headline = f"Spend is not exact: {_joined([*twice, *less])}."
        return Verdict("bad", headline, _maybe(maybe) + beside)
    if less:
        return Verdict("warning", f"Spend is a lower bound: {_joined(less)}.", _maybe(maybe) + beside)
    if maybe:
        return Verdict("warning", f"Something may be missing: {_joined(maybe)}.", beside)
    if evidence.oddities is None:
        return Verdict(
            "good", "Every call has a price.", "Spans were not held against each other yet." + beside
        )
    return Verdict(
        "good", "Totals are exact.", f"{_priced(evidence)}, and no span is known to be missing.{beside}"
    )


def _priced(evidence: Evidence) -> str:
    calls = evidence.trust.calls
    return (
        f"All {fmt.count(calls)} calls have a known cost" if calls != 1 else "The only call has a known cost"
    )


def _beside(evidence: Evidence) -> str:
    simulated = evidence.trust.simulated_runs
    if not simulated:
        return ""
    return (
        f" {fmt.count(simulated)} of {fmt.plural(evidence.trust.runs, 'run')} "
        f"{'is' if simulated == 1 else 'are'} simulated: nothing was billed for them."
    )


def _maybe(maybe: Sequence[str]) -> str:
    return f"Beside that, {_joined(maybe)}." if maybe else ""


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
