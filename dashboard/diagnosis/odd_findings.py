"""What the kinds of strange spans do to the figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from collector.spans import rows
from collector.spans.oddities import MEANINGS, SEVERAL_TRACES
from dashboard import fmt
from dashboard.diagnosis.answers import Oddity
from dashboard.diagnosis.finding import Finding, Weight

NO_PRICE, NOT_TOLD = "no known price", "usage not accounted for"
TOLD_BY_TOTALS = (NO_PRICE, NOT_TOLD)
"""By the runs of the window, so that the figures agree with every page's."""
NO_PARENT, LATE = "parent not there", "parent came late"


@dataclass(frozen=True, slots=True)
class Kind:
    weight: Weight
    title: str
    advice: str
    short: str = ""


ODDITIES: Mapping[str, Kind] = {
    SEVERAL_TRACES: Kind(
        Weight.TWICE,
        "One answer told in several traces",
        "Let only one of the two libraries record this call, or let them share a trace.",
        "is told in several traces and counted in each",
    ),
    NOT_TOLD: Kind(
        Weight.LESS,
        "Usage nobody accounts for",
        "Record the calls below these agents, too, so that what they used can be placed.",
        "tells of more usage than the calls below it",
    ),
    NO_PARENT: Kind(
        Weight.MAYBE,
        "Parents that are not there",
        "Runs that are under way complete themselves. Else let every program on the way send its spans here, and sample "
        "none away: a missing span may have cost money.",
        "names a parent that is not there",
    ),
    rows.STARTS_LONG_AGO: Kind(
        Weight.MAYBE,
        "Spans from before the year 2000",
        "Set the clock of the machine that sends them. Until then they are in the totals of all time alone.",
        "starts before the year 2000, outside of this window",
    ),
    rows.STARTS_IN_FUTURE: Kind(
        Weight.MAYBE,
        "Spans from the future",
        "Set the clock of the machine that sends them. Until then they are in no window that ends now.",
        "starts in the future, outside of this window",
    ),
    "in a circle": Kind(
        Weight.ELSEWHERE, "Spans in a circle", "A fault of the library that made them; costs are right."
    ),
    rows.ENDS_BEFORE_START: Kind(
        Weight.ELSEWHERE,
        "Ends before starts",
        "Their durations are 0 in latencies and timelines. Set the clocks, or update the library.",
    ),
    rows.ENDS_TOO_LATE: Kind(
        Weight.ELSEWHERE,
        "Ends beyond the year 2262",
        "They spoil latencies. A fault of the library that made them.",
    ),
    "starts before its parent": Kind(
        Weight.ELSEWHERE,
        "Children that start before their parents",
        "Where programs on two machines take part, set their clocks. Costs are right, times are off by that much.",
    ),
    "ends after its parent": Kind(
        Weight.ELSEWHERE,
        "Children that end after their parents",
        "Usually work that went on unwatched: calls a quorum left behind, background tasks. They are counted.",
    ),
    LATE: Kind(Weight.GOOD_TO_KNOW, "Parents that came late", "Nothing. A long run sends its root last."),
    rows.LARGE: Kind(
        Weight.GOOD_TO_KNOW,
        "Spans over 1 MB",
        "COMPOSITE_LLM_CONTENT=none leaves prompts and answers out where they are not needed.",
    ),
}
"""By kind, as the question `oddities` names it; what has no price is told by the totals."""


def of_oddities(oddities: Sequence[Oddity]) -> Iterator[Finding]:
    for row in oddities:
        if row.kind in TOLD_BY_TOTALS:
            continue
        kind = ODDITIES.get(row.kind, Kind(Weight.ELSEWHERE, row.kind.capitalize(), ""))
        yield Finding(
            kind.weight,
            kind.title,
            fmt.count(row.spans),
            (row.meaning or MEANINGS.get(row.kind, "")) + _by(row),
            kind.advice,
            _short(kind.short, row.spans) if kind.short else "",
            row.example_trace_id,
        )


def _short(said: str, spans: int) -> str:
    return f"{fmt.plural(spans, 'span')} {agreeing(said, spans)}"


def _by(row: Oddity) -> str:
    where = f" In {fmt.plural(row.traces, 'run')}"
    if row.most_ms is not None:
        where += f", by up to {fmt.duration(row.most_ms)}"
    if row.twice_usd is not None:
        where += f", {fmt.money(row.twice_usd)} of it counted again"
    return f"{where}."


def agreeing(said: str, spans: int) -> str:
    if spans == 1:
        return said
    for one, many in (("is told", "are told"), ("tells", "tell"), ("names", "name"), ("starts", "start")):
        if said.startswith(one):
            return many + said.removeprefix(one).replace("below it", "below them")
    return said
