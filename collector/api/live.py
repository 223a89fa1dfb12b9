"""`GET /live`: spans as they are committed, and the runs that are under way, as server-sent events."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Header, Query
from fastapi.sse import format_sse_event
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from collector import arrow_compute as pc
from collector import queries
from collector.api import cells
from collector.api.streams import DroppingStalled
from collector.api.trace_ids import known_form
from collector.api.windows import HOUR_NS, iso
from collector.errors import CollectorError, TooManyFollowers
from collector.monitoring.live_feed import LiveFeed
from collector.parameters import LAST_NS, Window
from collector.spans.hex_ids import TRACE_ID_DIGITS, stored_form
from collector.store.interface import TraceStore

log = logging.getLogger(__name__)

MOST_FOLLOWERS = 32
HEARTBEAT_SECONDS = 15.0
SECONDS_BETWEEN_RUNNING = 1.0
MOST_RUNNING = 200
ERROR = 2

DESCRIPTION = """Server-sent events.

- `ready`: where the stream begins.
- `spans`: spans of one commit, at most 500 an event.
- `running`: the runs of the last hour whose root has not come, at most 200; whenever that changes.
- `reset`: what came after the given id is gone, because it is too long ago or the collector was started anew;
  what follows is new. Read what was missed from `/traces`.

A stream goes on where another ended with the header `Last-Event-ID`, which browsers send by themselves. A client
that reads too slowly gets `reset`, or loses its connection; nothing is buffered for it without bound."""


class LiveQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    strategy: Annotated[
        list[str],
        Field(
            default_factory=list[str], description="moa, council, direct …, or other; repeat it for several."
        ),
    ]
    trace_id: Annotated[str, Field(description="In any form.")] = ""


def router(store: TraceStore, feed: LiveFeed) -> APIRouter:
    routes = APIRouter(tags=["Live"])

    @routes.get(
        "/live",
        summary="Follow what happens",
        description=DESCRIPTION,
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}},
    )
    async def live(
        asked: Annotated[LiveQuery, Query()], last_event_id: Annotated[str | None, Header()] = None
    ) -> StreamingResponse:
        if asked.trace_id:
            known_form(asked.trace_id)
        if feed.followers >= MOST_FOLLOWERS:
            raise TooManyFollowers(MOST_FOLLOWERS)
        return DroppingStalled(
            events(store, feed, asked, last_event_id),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return routes


async def events(
    store: TraceStore, feed: LiveFeed, asked: LiveQuery, last_event_id: str | None
) -> AsyncGenerator[bytes]:
    async with feed.news() as news:
        number = _number(feed, last_event_id) if last_event_id else feed.last
        if number is None:
            number = feed.last
            yield _event(feed, number, "reset", {"reason": "what came after that id is gone"})
        yield _event(feed, number, "ready", {})
        under_way = UnderWay(store, asked)
        while not feed.is_closed:
            news.clear()
            slices = feed.after(number)
            if slices is None:
                yield _event(feed, feed.last, "reset", {"reason": "this client reads too slowly"})
                return
            for each in slices:
                number = each.number
                if (spans := _chosen(each.spans, asked)).num_rows:
                    yield _event(feed, number, "spans", {"spans": _spans(spans)})
            if await under_way.has_changed(is_news=bool(slices)):
                yield _event(feed, number, "running", {"runs": under_way.runs})
            try:
                await asyncio.wait_for(news.wait(), under_way.seconds_to_next_look)
            except TimeoutError:
                if not under_way.is_due:
                    yield format_sse_event(comment="nothing new")


class UnderWay:
    """The runs without a root, looked for when something has landed, and not too often."""

    def __init__(self, store: TraceStore, asked: LiveQuery) -> None:
        self.runs: list[dict[str, Any]] | None = None
        self._store = store
        self._asked = asked
        self._looked = 0.0
        self.is_due = True

    @property
    def seconds_to_next_look(self) -> float:
        if not self.is_due:
            return HEARTBEAT_SECONDS
        return max(0.0, self._looked + SECONDS_BETWEEN_RUNNING - time.monotonic())

    async def has_changed(self, *, is_news: bool) -> bool:
        self.is_due |= is_news
        if not self.is_due or self.seconds_to_next_look:
            return False
        self.is_due = False
        self._looked = time.monotonic()
        try:
            found = await run_in_threadpool(self._found)
        # The store may be away for a moment; spans are still told.
        except CollectorError as error:
            log.warning("the running requests are not known: %s", error)
            return False
        before, self.runs = self.runs, found
        return found != before

    def _found(self) -> list[dict[str, Any]]:
        strategies = tuple(self._asked.strategy)
        window = Window(since_ns=time.time_ns() - HOUR_NS, until_ns=LAST_NS, strategies=strategies)
        runs = cells.records(queries.running(self._store, window))
        wanted = stored_form(self._asked.trace_id, TRACE_ID_DIGITS)
        chosen = [run for run in runs if not wanted or run["trace_id"] == wanted]
        return [
            run | {"started": f"{run['started']}Z", "last_seen": f"{run['last_seen']}Z"}
            for run in chosen[:MOST_RUNNING]
        ]


def _chosen(spans: pa.Table, asked: LiveQuery) -> pa.Table:
    if asked.strategy:
        strategies = spans["strategy"].fill_null("other")
        chosen = pc.SetLookupOptions(pa.array(asked.strategy, pa.string()))
        spans = spans.filter(pc.call_function("is_in", [strategies], chosen))
    if asked.trace_id:
        spans = spans.filter(pc.field("trace_id") == stored_form(asked.trace_id, TRACE_ID_DIGITS))
    return spans


def _spans(spans: pa.Table) -> list[dict[str, Any]]:
    found = spans.to_pylist()
    for span in found:
        span["started"] = iso(span.pop("start_ns"))
        span["duration_ms"] = span.pop("duration_ns") / 1e6
        span["status"] = "error" if span.pop("status_code") == ERROR else "ok"
    return found


def _event(feed: LiveFeed, number: int, name: str, data: dict[str, Any]) -> bytes:
    # In ASCII, because clients take more characters for the end of a line than the standard names.
    text = json.dumps(data, allow_nan=False)
    return format_sse_event(event=name, id=f"{feed.epoch}-{number}", data_str=text)


def _number(feed: LiveFeed, event_id: str) -> int | None:
    """Of an event that is still there, or of the one before the oldest that is."""
    epoch, _, digits = event_id.partition("-")
    if epoch != feed.epoch or not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        return None
    number = int(digits)
    return None if feed.after(number) is None else number
