"""`GET /search`: words in all that runs said, found while the client waits, a line of JSON after each stretch."""

import json
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from collector.api.asking import Asking
from collector.api.shapes import SearchStep, Trace
from collector.api.streams import DroppingStalled
from collector.api.windows import WindowQuery, iso
from collector.errors import CollectorError, QuestionError
from collector.receivers import wire
from collector.search import Match, Search, Step, search
from collector.store.interface import CancellableAnswers, TraceStore

MOST_SEARCHES = 2
"""At once: each reads as fast as the machine can."""
MOST_MATCHES = 1000
MEDIA_TYPE = "application/x-ndjson"

DESCRIPTION = """Looks for the text in the inputs and outputs of all spans that start in the window, in any case, the
newest first. Lines of JSON: one for each stretch of time that was searched, with the runs that it added and how far
the search has come; the last one's `state` is `complete`, or `enough` where the limit was reached. A run comes once,
with the latest span that says the text. A line with a `code` is an error, and the end. The search ends when its
client hangs up. To go on after `enough`, ask again with `until` set to `searched_since`."""


class SearchQuery(WindowQuery):
    text: Annotated[str, Field(min_length=1, max_length=1000, description="Found in any case.")]
    limit: Annotated[int, Field(ge=1, le=MOST_MATCHES, description="The search ends with so many runs.")] = 50


def router(store: TraceStore, searching: Asking) -> APIRouter:
    routes = APIRouter(tags=["Traces"])

    @routes.get(
        "/search",
        summary="Search all prompts and answers",
        description=DESCRIPTION,
        response_class=StreamingResponse,
        responses={200: {"content": {MEDIA_TYPE: {"schema": SearchStep.model_json_schema()}}}},
    )
    async def found(asked: Annotated[SearchQuery, Query()], request: Request) -> StreamingResponse:
        window = asked.window()
        wanted = Search(
            text=asked.text,
            since_ns=window.since_ns,
            until_ns=window.until_ns,
            strategies=window.strategies,
            origin=window.origin,
            mode=window.mode,
            tag=window.tag,
            limit=asked.limit,
        )
        searching.require_room()
        return DroppingStalled(
            lines(store, searching, wanted, request),
            media_type=MEDIA_TYPE,
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return routes


async def lines(
    store: TraceStore, searching: Asking, wanted: Search, request: Request
) -> AsyncGenerator[bytes]:
    try:
        async with searching.one_more(request) as cancellation:
            steps = search(CancellableAnswers(store, cancellation), wanted)
            while (step := await run_in_threadpool(next, steps, None)) is not None:
                yield _line(_step(step))
    except QuestionError as error:
        yield _line({"code": wire.INVALID_ARGUMENT, "message": str(error)})
    except CollectorError as error:
        yield _line({"code": wire.UNAVAILABLE, "message": str(error)})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, allow_nan=False).encode() + b"\n"


def _step(step: Step) -> dict[str, Any]:
    return {
        "matches": [_match(match) for match in step.matches],
        "searched_since": iso(step.searched_since_ns),
        "share": step.share,
        "state": step.state,
    }


def _match(match: Match) -> dict[str, Any]:
    run, said = match.run, match.said
    trace = run | {"started": iso(run["started"]), "is_lower_bound": run["unpriced_calls"] > 0}
    return {
        "trace": {name: trace[name] for name in Trace.model_fields},
        "span_id": said["span_id"],
        "span_name": said["span_name"],
        "said_at": iso(said["start_ns"]),
        "excerpt": said["excerpt"],
    }
