"""What the timeline draws: the spans of one trace by column, every text written already.

Numbers become text here and not in JavaScript, so that the timeline, the tables and the inspector agree to the
last digit.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from collector.audit.critical_path import Segment
from collector.audit.waits import Wait
from composite_llm.accounting.ledger import UNWANTED
from dashboard import fmt, garbage
from dashboard.costs import costs
from dashboard.folding import parents_of
from dashboard.naming import columns_of, short_names, span_marks, span_names
from dashboard.palette import Palette
from dashboard.widgets.timeline.colouring import colourings
from dashboard.widgets.timeline.open_spans import with_open_spans
from dashboard.widgets.timeline.packing import Packer
from dashboard.widgets.timeline.waiting import notes, waits_of

MOST_SPANS = 100_000
"""A browser draws more, but nobody reads them; the first in the order of the tree are drawn, and that is said."""
CALL, ERROR, UNWANTED_ANSWER, RETRY, HEDGE, BAND, OPEN = (1 << bit for bit in range(7))
"""What is known of a span, as bits; the same as in tree.js."""
BANDS = ("stage", "rlm_node")
TOP, ROW = 68, 24
"""Pixels, as in scales.js: the small picture with the ruler; a row."""
LEAST_ROWS, MOST_ROWS = 6, 20
NOT_KNOWN = 255
"""In place of a share in percent."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a timeline is given."""

    packed: bytes
    spans: int
    is_running: bool


def payload(
    spans: pa.Table,
    critical: Sequence[Segment],
    colours: Palette,
    revision: str,
    *,
    started: datetime | None = None,
) -> Picture:
    """`spans` is what the question `trace_spans` returns, in its order. `revision` changes when the spans do.
    `started` is when the first of them did; without it, open spans do not grow."""
    with garbage.kept():
        return _picture(spans, critical, colours, revision, started)


def _picture(
    spans: pa.Table,
    critical: Sequence[Segment],
    colours: Palette,
    revision: str,
    started: datetime | None,
) -> Picture:
    there = spans.num_rows
    shown, open_ids = with_open_spans(spans.slice(length=MOST_SPANS))
    ids = shown["span_id"].to_pylist()
    ends = shown["end_ms"].to_pylist()
    parents = parents_of(shown["depth"].to_pylist())
    found = waits_of(shown, parents, open_ids)
    packer = Packer()
    _add_places(packer, shown, ids, ends)
    _add_texts(packer, shown, parents, found)
    _add_flags(packer, shown, open_ids)
    _add_critical(packer, critical, ids)
    _add_waits(packer, found)
    header = {
        "rev": revision,
        "summary": f"{fmt.plural(there, 'span')} · {fmt.duration(max(ends, default=0.0))}",
        "leftOut": _left_out(there),
        "height": _height(shown.num_rows),
        "startedAt": started.timestamp() * 1000 if started and open_ids else None,
        "legend": _add_colours(packer, shown, colours),
    }
    return Picture(packer.packed(header), shown.num_rows, bool(open_ids))


def _height(spans: int) -> int:
    """Of the canvas in pixels: as high as its rows, as long as these are not very many."""
    return TOP + min(max(spans, LEAST_ROWS), MOST_ROWS) * ROW


def _left_out(there: int) -> str:
    if there <= MOST_SPANS:
        return ""
    return f"The first {MOST_SPANS:,} of {there:,} spans, in the order of the tree. The others are in the Spans tab."


def _add_places(packer: Packer, spans: pa.Table, ids: Sequence[str], ends: Sequence[float]) -> None:
    packer.lines("id", ids)
    packer.numbers("depth", "i", spans["depth"].to_pylist())
    packer.numbers("start", "d", spans["start_ms"].to_pylist())
    packer.numbers("end", "d", ends)


def _add_texts(packer: Packer, spans: pa.Table, parents: Sequence[int], found: Sequence[Wait]) -> None:
    models = [(model or "") if call else "" for call, model in columns_of(spans, "is_llm_call", "model")]
    short = {"": "", **short_names(set(models) - {""})}
    durations = spans["duration_ms"].to_pylist()
    written = costs(spans, parents)
    packer.texts("name", (names := span_names(spans)), 120)
    packer.texts("label", [short[model] for model in models])
    packer.texts("model", models)
    packer.texts("duration", [fmt.duration(ms) for ms in durations])
    packer.texts("self", [fmt.duration(ms) for ms in spans["self_ms"].to_pylist()])
    packer.texts("cost", written.texts)
    packer.texts("mark", span_marks(spans), 60)
    ended = columns_of(spans, "status", "error_type", "status_message")
    errors = [(kind or said or "error") if status == "error" else "" for status, kind, said in ended]
    packer.texts("error", errors, 160)
    packer.texts("note", notes(found, names))
    packer.numbers("costShare", "B", map(_percent, written.of_parent))
    packer.numbers("timeShare", "B", map(_percent, _time_shares(durations, parents)))


def _add_flags(packer: Packer, spans: pa.Table, open_ids: frozenset[str]) -> None:
    wanted = ("span_id", "is_llm_call", "status", "outcome", "attempt", "is_hedge", "span_type")
    packer.numbers(
        "flags",
        "B",
        [
            (CALL if call else 0)
            | (ERROR if status == "error" else 0)
            | (UNWANTED_ANSWER if outcome in UNWANTED else 0)
            | (RETRY if call and attempt and attempt > 1 and not hedge else 0)
            | (HEDGE if hedge else 0)
            | (BAND if kind in BANDS else 0)
            | (OPEN if span_id in open_ids else 0)
            for span_id, call, status, outcome, attempt, hedge, kind in columns_of(spans, *wanted)
        ],
    )


def _add_critical(packer: Packer, critical: Sequence[Segment], ids: Sequence[str]) -> None:
    row_of = {span_id: row for row, span_id in enumerate(ids)}
    shown = [segment for segment in critical if segment.span_id in row_of]
    packer.numbers("criticalRow", "i", [row_of[segment.span_id] for segment in shown])
    packer.numbers("criticalFrom", "d", [segment.start_ms for segment in shown])
    packer.numbers("criticalTo", "d", [segment.end_ms for segment in shown])


def _add_waits(packer: Packer, found: Sequence[Wait]) -> None:
    """A stage waits for a straggler, and so its own row is marked, too; a pause is its next try's alone."""
    marked = [(wait.row, wait) for wait in found]
    marked += [(wait.parent, wait) for wait in found if wait.kind != "retry"]
    packer.numbers("waitRow", "i", [row for row, _ in marked])
    packer.numbers("waitFrom", "d", [wait.start_ms for _, wait in marked])
    packer.numbers("waitTo", "d", [wait.end_ms for _, wait in marked])


def _add_colours(packer: Packer, spans: pa.Table, colours: Palette) -> Mapping[str, object]:
    chosen = colourings(spans, colours)
    for name, colouring in chosen.items():
        packer.numbers(f"by_{name}", "i", colouring.places)
    return {name: colouring.legend for name, colouring in chosen.items()}


def _time_shares(durations: Sequence[float | None], parents: Sequence[int]) -> Iterator[float | None]:
    """Of each span in what is directly above it, where something else is below that, too."""
    siblings = Counter(parents)
    for ms, parent in zip(durations, parents, strict=True):
        whole = durations[parent] if parent >= 0 and siblings[parent] > 1 else None
        yield ms / whole if whole and ms is not None else None


def _percent(share: float | None) -> int:
    return NOT_KNOWN if share is None else min(round(share * 100), 100)
