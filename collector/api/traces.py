"""`GET /traces` and `GET /traces/{trace_id}`."""

import time
from typing import Annotated, Any, Literal

import pyarrow as pa
from fastapi import APIRouter, Query
from pydantic import Field

from collector import queries
from collector.api import cells, cursors
from collector.api.cursors import Cursor
from collector.api.money import receipts
from collector.api.shapes import TracePage, WholeTrace
from collector.api.windows import WindowQuery
from collector.errors import NotFound, QuestionError
from collector.parameters import LAST_NS, Listed, OneTrace, TraceFilter
from collector.spans.hex_ids import TRACE_ID_DIGITS, is_stored_form
from collector.store.interface import TraceStore

MOST_TRACES = 500


class TracesQuery(WindowQuery):
    model: Annotated[str, Field(description="Runs that called this model.")] = ""
    status: Literal["", "ok", "error", "running"] = ""
    min_cost: Annotated[float, Field(ge=0, description="In US dollars, of what is known.")] = 0.0
    min_latency_ms: Annotated[float, Field(ge=0)] = 0.0
    text: Annotated[
        str,
        Field(description="Part of the question or of the model's name, or the beginning of a trace id."),
    ] = ""
    attribute: Annotated[
        list[str],
        Field(
            default_factory=list[str],
            description="key=value, on any span of the run or on its resource; repeat it for more.",
        ),
    ]
    session: str = ""
    user: str = ""
    tag: str = ""
    limit: Annotated[int, Field(ge=1, le=MOST_TRACES)] = 50
    cursor: Annotated[
        str | None,
        Field(description="`next` of the page before, beside the same filters; it holds the window."),
    ] = None


def router(store: TraceStore) -> APIRouter:
    routes = APIRouter(tags=["Traces"])

    @routes.get("/traces", summary="List traces, the newest first", response_model=TracePage)
    def traces(asked: Annotated[TracesQuery, Query()]) -> Any:
        """One row per run. The list stays in order while traces arrive: none comes twice, and newer ones
        are on a first page asked for anew."""
        return page(store, asked)

    @routes.get("/traces/{trace_id}", summary="One trace, whole", response_model=WholeTrace)
    def trace(trace_id: str) -> Any:
        """The id in any form: upper case, with dashes, with 0x, without leading zeros. Prompts and answers
        are in the store's `spans` table, see `POST /query`."""
        return whole(store, OneTrace(trace_id=trace_id))

    return routes


def page(store: TraceStore, asked: TracesQuery) -> dict[str, Any]:
    window = asked.window()
    first = Cursor(LAST_NS, "", time.time_ns(), window.since_ns, window.until_ns)
    begin = cursors.read(asked.cursor) if asked.cursor else first
    place = begin
    rows: list[dict[str, Any]] = []
    while True:
        found = _found(store, asked, place)
        known = _listed_before(store, found, begin) if asked.cursor else set[str]()
        rows += [row for row in found if row["trace_id"] not in known]
        # One more than the page holds says whether another page follows.
        if len(rows) > asked.limit or len(found) <= asked.limit:
            break
        place = _after(found[-1], begin)
    shown = rows[: asked.limit]
    follows = _after(shown[-1], begin).written() if len(rows) > asked.limit else None
    return {"traces": [_trace(row) for row in shown], "next": follows}


def whole(store: TraceStore, trace: OneTrace) -> dict[str, Any]:
    summary = summary_of(store, trace)
    spans = cells.records(queries.trace_spans(store, trace))
    return {"summary": summary, "spans": spans} | receipts(spans)


def summary_of(store: TraceStore, trace: OneTrace) -> dict[str, Any]:
    """The trace as lists show it. Raises QuestionError for what is no id, NotFound for what is not stored."""
    if not is_stored_form(trace.trace_id, TRACE_ID_DIGITS):
        raise QuestionError(f"{trace.trace_id[:80]!r} is no trace id: it has up to 32 hex digits")
    rows = _rows(queries.trace_summary(store, trace))
    if not rows:
        raise NotFound(
            f"there is no trace {trace.trace_id} in the store; it may not have arrived, or have been pruned. "
            "GET /traces lists the newest"
        )
    return _trace(rows[0])


def _found(store: TraceStore, asked: TracesQuery, place: Cursor) -> list[dict[str, Any]]:
    wanted = TraceFilter(
        since_ns=place.since_ns,
        until_ns=place.until_ns,
        strategies=tuple(asked.strategy),
        origin=asked.origin,
        text=asked.text,
        model=asked.model,
        status=asked.status,
        session_id=asked.session,
        user_id=asked.user,
        tag=asked.tag,
        attributes=tuple(asked.attribute),
        min_cost_usd=asked.min_cost,
        min_latency_ms=asked.min_latency_ms,
        page_size=asked.limit + 1,
        before_ns=place.start_ns,
        after_id=place.trace_id,
    )
    return _rows(queries.traces(store, wanted))


def _listed_before(store: TraceStore, found: list[dict[str, Any]], begin: Cursor) -> set[str]:
    """Traces of earlier pages that are found again because a span came late and moved their start."""
    if not found:
        return set()
    listed = Listed(
        trace_ids=tuple(row["trace_id"] for row in found),
        first_ns=min(row["start_ns"] for row in found),
        last_ns=max(row["start_ns"] + round(row["latency_ms"] * 1e6) for row in found),
        as_of_ns=begin.as_of_ns,
    )
    starts = queries.first_starts(store, listed).to_pylist()
    return {
        row["trace_id"]
        for row in starts
        if (-row["start_ns"], row["trace_id"]) <= (-begin.start_ns, begin.trace_id)
    }


def _after(row: dict[str, Any], begin: Cursor) -> Cursor:
    return begin._replace(start_ns=row["start_ns"], trace_id=row["trace_id"])


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """Of `traces`, with the start also as a number."""
    start_ns = table["started"].cast(pa.int64())
    return cells.records(table.append_column("start_ns", start_ns))


def _trace(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"started": f"{row['started']}Z", "is_lower_bound": row["unpriced_calls"] > 0}
