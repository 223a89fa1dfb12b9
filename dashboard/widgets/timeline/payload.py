"""What the timeline draws: the spans of one trace by column, every text written already.

Numbers become text here and not in JavaScript, so that the timeline, the tables and the inspector agree to the
last digit. Columns instead of rows keep 10,000 spans near one megabyte.
"""

from collections.abc import Sequence

import pyarrow as pa

from collector.audit.critical_path import Segment
from composite_llm.accounting.ledger import UNWANTED
from dashboard import fmt, palette
from dashboard.costs import costs
from dashboard.naming import columns_of, short_names, span_marks, span_names
from dashboard.palette import Palette
from dashboard.plain import line

CONTAINER_COLOURS = {"request": palette.REQUEST, "stage": palette.STAGE}


def payload(
    spans: pa.Table, critical: Sequence[Segment], colours: Palette, revision: str
) -> dict[str, object]:
    """`spans` is what the question `trace_spans` returns, in its order. `revision` changes when the spans do."""
    ids, starts, ends, outcomes = (
        spans[name].to_pylist() for name in ("span_id", "start_ms", "end_ms", "outcome")
    )
    row_of = {span_id: row for row, span_id in enumerate(ids)}
    row_colours = [
        colours.colour_for(model) if call and model else CONTAINER_COLOURS.get(kind or "", palette.STAGE)
        for call, model, kind in columns_of(spans, "is_llm_call", "model", "span_type")
    ]
    distinct = list(dict.fromkeys(row_colours))
    written = costs(spans)
    models = [model if call else None for call, model in columns_of(spans, "is_llm_call", "model")]
    short = short_names(model for model in models if model)
    return {
        "rev": revision,
        "summary": f"{fmt.plural(len(ids), 'span')} · {fmt.duration(max(ends, default=0.0))}",
        "id": ids,
        "name": [line(name, 120) for name in span_names(spans)],
        "label": [line(short.get(model or ""), 80) for model in models],
        "model": [line(model, 80) for model in models],
        "depth": spans["depth"].to_pylist(),
        "start": [round(ms, 3) for ms in starts],
        "end": [round(ms, 3) for ms in ends],
        "duration": [fmt.duration(ms) for ms in spans["duration_ms"].to_pylist()],
        "self": [fmt.duration(ms) for ms in spans["self_ms"].to_pylist()],
        "call": spans["is_llm_call"].to_pylist(),
        "colours": distinct,
        "colour": [distinct.index(colour) for colour in row_colours],
        "cost": written.texts,
        "cost_share": written.shares,
        "mark": [line(mark, 60) for mark in span_marks(spans)],
        "error": [
            line(error_type or message or "error", 160) if status == "error" else ""
            for status, error_type, message in columns_of(spans, "status", "error_type", "status_message")
        ],
        "cancelled": [row for row, outcome in enumerate(outcomes) if outcome in UNWANTED],
        "critical": [
            [row_of[segment.span_id], round(segment.start_ms, 3), round(segment.end_ms, 3)]
            for segment in critical
        ],
    }
