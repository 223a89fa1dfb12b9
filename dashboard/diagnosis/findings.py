"""What is wrong, or may be, with the figures of a window: each with what it means and what to do. No widgets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.monitoring.health import Health
from collector.monitoring.status import Status
from collector.spans.oddities import MEANINGS
from dashboard import fmt
from dashboard.diagnosis.answers import Oddity, Trust, UnpricedModel
from dashboard.diagnosis.finding import Finding, Weight
from dashboard.diagnosis.odd_findings import NOT_TOLD, ODDITIES, agreeing, of_oddities

PASSING = ("QueueFull", "TooMuchInHand", "StoreError", "StoreBusy")
"""Refusals after which a sender tries again."""


@dataclass(frozen=True, slots=True)
class Evidence:
    trust: Trust
    health: Health
    status: Status | None
    """None: the collector does not tell."""
    unpriced: Sequence[UnpricedModel] | None
    oddities: Sequence[Oddity] | None
    """None: not looked for."""


def findings(evidence: Evidence) -> list[Finding]:
    """What makes numbers wrong first."""
    found = [*_of_money(evidence), *_of_arrival(evidence), *of_oddities(evidence.oddities or ())]
    return sorted(found, key=lambda finding: finding.weight)


def _of_money(evidence: Evidence) -> Iterator[Finding]:
    rows = evidence.unpriced
    if rows is None:
        # Without its parts: an older collector tells the sum alone.
        if evidence.trust.unpriced_calls:
            yield _unpriced_calls(evidence.trust.unpriced_calls, (), "")
        return
    calls = [row for row in rows if row.is_call]
    if calls:
        models = sorted({row.model for row in calls})
        yield _unpriced_calls(sum(row.calls for row in calls), models, calls[0].example_trace_id)
    agents = [row for row in rows if not row.is_call]
    if agents:
        spans = sum(row.calls for row in agents)
        kind = ODDITIES[NOT_TOLD]
        yield Finding(
            kind.weight,
            kind.title,
            fmt.count(spans),
            f"{MEANINGS[NOT_TOLD]} In {fmt.plural(sum(row.runs for row in agents), 'run')}.",
            kind.advice,
            f"{fmt.plural(spans, 'agent')} {agreeing(kind.short, spans)}",
            agents[0].example_trace_id,
        )


def _unpriced_calls(calls: int, models: Sequence[str], example_trace_id: str) -> Finding:
    return Finding(
        Weight.LESS,
        "Calls without a known cost",
        fmt.count(calls),
        "Nobody knows what they cost, so they are left out of every sum, which is a lower bound."
        + (f" Models: {_listed(models)}." if models else ""),
        "Give their models a price below: it holds for calls from then on. A call that was cut off, or whose provider told "
        "no tokens, stays unknown.",
        f"{fmt.plural(calls, 'call')} {'has' if calls == 1 else 'have'} no price",
        example_trace_id,
    )


def _of_arrival(evidence: Evidence) -> Iterator[Finding]:
    health, status = evidence.health, evidence.status
    if health.spans_lost:
        yield Finding(
            Weight.LESS,
            "Spans that programs had to drop",
            fmt.count(health.spans_lost),
            "Since the collector started, programs said that they could neither send nor spool them. What they cost is in no total.",
            "See that the folder of the spool can be written and has room, and that the collector runs.",
            f"{fmt.plural(health.spans_lost, 'span')} {_was(health.spans_lost)} dropped by their programs",
        )
    if health.spans_rejected:
        reasons = status.rejected_spans if status else {}
        yield Finding(
            Weight.LESS,
            "Spans that were rejected",
            fmt.count(health.spans_rejected),
            f"Since the collector started. They are no spans that OTLP describes, so they are left out{_because(reasons)}. "
            "Their senders were told.",
            "Mend or update the library that sends them; its log says which they were.",
            f"{fmt.plural(health.spans_rejected, 'span')} {_was(health.spans_rejected)} rejected",
        )
    refused = {
        kind: n for kind, n in (status.refused_requests if status else {}).items() if kind not in PASSING
    }
    if refused:
        yield Finding(
            Weight.LESS,
            "Requests that could not be read",
            fmt.count(sum(refused.values())),
            f"Since the collector started. None of their spans is stored, and nobody knows how many they held{_because(refused)}.",
            "Something else than OTLP may be sent to this port, or a body is cut off on its way. The sender's log says more.",
            f"{fmt.plural(sum(refused.values()), 'request')} could not be read",
        )
    gone = health.spool_discarded + health.spool_set_aside
    if gone:
        yield Finding(
            Weight.LESS,
            "Spooled files that could not be stored whole",
            fmt.count(gone),
            f"{fmt.plural(health.spool_set_aside, 'file')} lie in spool/rejected; "
            f"{fmt.plural(health.spool_discarded, 'file')} were unreadable and removed.",
            "The collector's log says of each what was wrong. A file of spool/rejected that has been mended can be moved back "
            "into spool.",
            f"{fmt.plural(gone, 'spooled file')} could not be stored",
        )
    if health.spool_files:
        yield Finding(
            Weight.MAYBE,
            "Spooled files that wait",
            fmt.count(health.spool_files),
            "Spans that were recorded while no collector ran. They are not in any total yet.",
            "They land by themselves within seconds. Where they do not, the collector's log says why.",
            f"{fmt.plural(health.spool_files, 'spooled file')} {'waits' if health.spool_files == 1 else 'wait'} to be landed",
        )
    if health.spans_duplicate:
        yield Finding(
            Weight.GOOD_TO_KNOW,
            "Spans that came again",
            fmt.count(health.spans_duplicate),
            "A sender that got no answer repeats its request. Each span is stored and counted once.",
            "Nothing. Many of them say that answers get lost on their way to the sender.",
        )


def _because(reasons: Mapping[str, int]) -> str:
    if not reasons:
        return ""
    return ": " + ", ".join(f"{reason} ({fmt.count(number)})" for reason, number in reasons.items())


def _listed(names: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
