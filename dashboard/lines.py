"""A run, or its receipt, as lines to read: what the terminal and the notebook draw.

Every number is text already, so that both, and the dashboard, agree to the last digit.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from composite_llm.accounting.ledger import CallRecord
from composite_llm.accounting.receipts import Receipt
from dashboard import fmt, palette
from dashboard.costs import costs
from dashboard.folding import Gap, folded
from dashboard.naming import mark, span_marks
from dashboard.palette import Palette, palette_of
from dashboard.plain import line
from dashboard.run import Run

Stretch = tuple[float, float]
"""From where to where, as parts of the whole run, 0 to 1."""

WANTED = [
    "span_id",
    "depth",
    "span_type",
    "model",
    "is_llm_call",
    "start_ms",
    "end_ms",
    "duration_ms",
    "input_tokens",
    "output_tokens",
    "status",
    "error_type",
    "status_message",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One span; or, with `hidden`, the spans that were folded away here."""

    depth: int
    name: str
    model: str = ""
    note: str = ""
    """What is unusual about it: `retry 1 · timeout`."""
    error: str = ""
    is_call: bool = False
    input_tokens: str = ""
    output_tokens: str = ""
    duration: str = ""
    cost: str = ""
    colour: str = palette.STAGE
    stretch: Stretch | None = None
    critical: Sequence[Stretch] = ()
    """Where the run as a whole was waiting for this span itself."""
    hidden: int = 0


def run_lines(run: Run, *, most: int | None = None, levels: int | None = None) -> list[Line]:
    """In tree order. At most `most` spans of the upper `levels`, failed ones first."""
    statuses = run.spans["status"].to_pylist()
    failed = [row for row, status in enumerate(statuses) if status == "error"]
    lines = list(_span_lines(run))
    return [
        _gap_line(shown, failed) if isinstance(shown, Gap) else lines[shown]
        for shown in folded([line.depth for line in lines], most=most, levels=levels, first=failed)
    ]


def receipt_lines(receipt: Receipt) -> Iterator[Line]:
    """Stages, under each its calls by member and attempt, and the total."""
    colours = palette_of(call.model for call in receipt.calls)
    for stage, calls in groupby(receipt.calls, key=lambda call: call.stage):
        yield Line(depth=0, name=line(stage, 80))
        for call in sorted(calls, key=lambda call: (call.index, call.attempt)):
            yield _call_line(call, colours)
    yield Line(
        depth=0,
        name="total",
        model=fmt.plural(len(receipt.calls), "call"),
        input_tokens=fmt.count(receipt.usage.input),
        output_tokens=fmt.count(receipt.usage.output),
        duration=fmt.duration(receipt.seconds * 1000),
        cost=receipt_cost(receipt),
    )


def receipt_cost(receipt: Receipt) -> str:
    if receipt.cost_status == "unknown":
        return fmt.UNKNOWN
    return fmt.money(receipt.known_cost_usd, lower_bound=receipt.cost_status == "partial")


def errors_said(lines: Iterable[Line]) -> dict[str, list[str]]:
    """Each error once, with the names of those it happened to: of the calls, where a call failed, else of what
    stands above them."""
    failed = [row for row in lines if row.error]
    said: dict[str, list[str]] = defaultdict(list)
    for row in [row for row in failed if row.is_call] or failed:
        said[row.error].append(f"{row.name} · {row.note}" if row.note else row.name)
    return said


def _call_line(call: CallRecord, colours: Palette) -> Line:
    status = "error" if call.failed else "ok"
    return Line(
        depth=1,
        name=f"{call.role} {call.index + 1}",
        model=line(call.model, 80),
        note=mark(status, call.outcome, call.attempt, is_orphan=False, is_call=True, is_hedge=call.hedge),
        error=line(call.error or call.outcome, 160) if status == "error" else "",
        is_call=True,
        input_tokens=fmt.count(call.usage and call.usage.input),
        output_tokens=fmt.count(call.usage and call.usage.output),
        duration=fmt.duration(call.seconds * 1000),
        cost=_cost(call),
        colour=colours.colour_for(call.model),
    )


def _cost(call: CallRecord) -> str:
    """Nothing where nothing was sent: an answer that was used again is no call that happened to be free."""
    if call.outcome == "cached":
        return "–"
    if call.cost:
        return fmt.money(call.cost.total)
    return fmt.UNKNOWN if call.unpriced else "–"


def _span_lines(run: Run) -> Iterator[Line]:
    spans = run.spans
    scale = 1 / (max(spans["end_ms"].to_pylist(), default=0.0) or 1.0)
    colours = palette_of(model for model in spans["model"].to_pylist() if model)
    critical: dict[str, list[Stretch]] = defaultdict(list)
    for segment in run.critical:
        critical[segment.span_id].append((segment.start_ms * scale, segment.end_ms * scale))
    texts = zip(run.names, span_marks(spans), costs(spans).texts, strict=True)
    for span, (name, note, cost) in zip(spans.select(WANTED).to_pylist(), texts, strict=True):
        is_call = span["is_llm_call"]
        yield Line(
            depth=span["depth"],
            name=line(name, 80),
            model=line(span["model"], 80) if is_call else "",
            note=line(note, 60),
            error=_error(span),
            is_call=is_call,
            input_tokens=fmt.count(span["input_tokens"]) if is_call else "",
            output_tokens=fmt.count(span["output_tokens"]) if is_call else "",
            duration=fmt.duration(span["duration_ms"]),
            cost=cost or ("–" if is_call else ""),
            colour=_colour(span, colours),
            stretch=(span["start_ms"] * scale, span["end_ms"] * scale),
            critical=critical.get(span["span_id"], ()),
        )


def _error(span: dict[str, Any]) -> str:
    if span["status"] != "error":
        return ""
    kind = (span["error_type"] or "").rpartition(".")[2]
    message = span["status_message"] or ""
    parts = [message] if kind in message else [kind, message]
    return line(": ".join(part for part in parts if part) or "error", 160)


def _colour(span: dict[str, Any], colours: Palette) -> str:
    if span["is_llm_call"] and span["model"]:
        return colours.colour_for(span["model"])
    return palette.REQUEST if span["span_type"] == "request" else palette.STAGE


def _gap_line(gap: Gap, failed: Sequence[int]) -> Line:
    errors = bisect_left(failed, gap.first + gap.rows) - bisect_left(failed, gap.first)
    note = f"{fmt.plural(errors, 'error')} among them" if errors else ""
    return Line(depth=gap.depth, name=f"… {gap.rows:,} more", note=note, hidden=gap.rows)
