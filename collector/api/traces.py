"""`GET /traces` and `GET /traces/{trace_id}`."""

import time
from collections import defaultdict
from typing import Annotated, Any, Literal

import pyarrow as pa
from fastapi import APIRouter, Depends, Query
from pydantic import Field

from collector import queries
from collector.api import cells, cursors
from collector.api.asking import AnswersOf
from collector.api.cursors import Cursor, Mark
from collector.api.money import receipts
from collector.api.shapes import TracePage, WholeTrace
from collector.api.trace_ids import known_form
from collector.api.windows import WindowQuery
from collector.errors import NotFound
from collector.parameters import LAST_NS, Listed, OneTrace, TraceFilter
from collector.store.interface import Answers

MOST_TRACES = 500
FIRST = Mark(LAST_NS, "", 0)
"""Before every trace."""


class TracesQuery(WindowQuery):
    model: Annotated[str, Field(description="Runs that called this model.")] = ""
    status: Literal["", "ok", "error", "running"] = ""
    errors: Annotated[bool, Field(description="Runs in which something failed, also where they went on.")] = (
        False
    )
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
    limit: Annotated[int, Field(ge=1, le=MOST_TRACES)] = 50
    cursor: Annotated[
        str | None,
        Field(description="`next` of the page before, beside the same filters; it holds the window."),
    ] = None


def router(answers: AnswersOf) -> APIRouter:
    routes = APIRouter(tags=["Traces"])

    @routes.get("/traces", summary="List traces, the newest first", response_model=TracePage)
    def traces(asked: Annotated[TracesQuery, Query()], store: Annotated[Answers, Depends(answers)]) -> Any:
        """One row per run. The list stays in order while traces arrive: none that was there is left out, none
        comes twice, and newer ones are on a first page asked for anew."""
        return page(store, asked)

    @routes.get("/traces/{trace_id}", summary="One trace, whole", response_model=WholeTrace)
    def trace(trace_id: str, store: Annotated[Answers, Depends(answers)]) -> Any:
        """The id in any form: upper case, with dashes, with 0x, without leading zeros. Prompts and answers
        are in the store's `spans` table, see `POST /query`."""
        return whole(store, OneTrace(trace_id=trace_id))

    return routes


def page(store: Answers, asked: TracesQuery) -> dict[str, Any]:
    window = asked.window()
    asked_ns = time.time_ns()
    begin = cursors.read(asked.cursor) if asked.cursor else Cursor(window.since_ns, window.until_ns, ())
    place = begin.marks[-1] if begin.marks else FIRST
    rows: list[dict[str, Any]] = []
    while True:
        found = _found(store, asked, begin, place)
        known = _listed_before(store, found, begin)
        rows += [row for row in found if row["trace_id"] not in known]
        # One more than the page holds says whether another page follows.
        if len(rows) > asked.limit or len(found) <= asked.limit:
            break
        place = Mark(found[-1]["start_ns"], found[-1]["trace_id"], asked_ns)
    shown = rows[: asked.limit]
    follows = None
    if len(rows) > asked.limit:
        follows = begin.after(shown[-1]["start_ns"], shown[-1]["trace_id"], asked_ns).written()
    return {"traces": [_trace(row) for row in shown], "next": follows}


def whole(store: Answers, trace: OneTrace) -> dict[str, Any]:
    summary = summary_of(store, trace)
    spans = cells.records(queries.trace_spans(store, trace))
    return {"summary": summary, "spans": spans} | receipts(spans)


def summary_of(store: Answers, trace: OneTrace) -> dict[str, Any]:
    """The trace as lists show it. Raises QuestionError for what is no id, NotFound for what is not stored."""
    known_form(trace.trace_id)
    rows = _rows(queries.trace_summary(store, trace))
    if not rows:
        raise NotFound(
            f"there is no trace {trace.trace_id} in the store; it may not have arrived, or have been pruned. "
            "GET /traces lists the newest"
        )
    return _trace(rows[0])


def _found(store: Answers, asked: TracesQuery, begin: Cursor, place: Mark) -> list[dict[str, Any]]:
    wanted = TraceFilter(
        since_ns=begin.since_ns,
        until_ns=begin.until_ns,
        strategies=tuple(asked.strategy),
        origin=asked.origin,
        mode=asked.mode,
        text=asked.text,
        model=asked.model,
        status=asked.status,
        errors_only=asked.errors,
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


def _listed_before(store: Answers, found: list[dict[str, Any]], begin: Cursor) -> set[str]:
    """Traces of earlier pages that are found again because a span came late and moved their start."""
    if not found or not begin.marks:
        return set()
    listed = Listed(
        trace_ids=tuple(row["trace_id"] for row in found),
        first_ns=min(row["start_ns"] for row in found),
        last_ns=max(row["start_ns"] + round(row["latency_ms"] * 1e6) for row in found),
        as_of_ns=begin.marks[-1].asked_ns,
    )
    starts: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in queries.first_starts(store, listed).to_pylist():
        starts[row["trace_id"]].append((row["landed_ns"], row["start_ns"]))
    return {trace_id for trace_id, landed in starts.items() if _was_listed(trace_id, landed, begin)}


def _was_listed(trace_id: str, landed: list[tuple[int, int]], begin: Cursor) -> bool:
    """On one of the pages: where it started when that was asked for is where that page was."""
    before = FIRST
    for mark in begin.marks:
        start_ns = min((start for at, start in landed if at <= mark.asked_ns), default=None)
        if start_ns is not None and _place(before) < (-start_ns, trace_id) <= _place(mark):
            return True
        before = mark
    return False


def _place(mark: Mark) -> tuple[int, str]:
    """In the list, the newest first."""
    return (-mark.start_ns, mark.trace_id)


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """Of `traces`, with the start also as a number."""
    start_ns = table["started"].cast(pa.int64())
    return cells.records(table.append_column("start_ns", start_ns))


def _trace(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"started": f"{row['started']}Z", "is_lower_bound": row["unpriced_calls"] > 0}
