"""The collector as a web application, and the process that runs it."""

import gc
import os
import socket
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector import queries
from collector.api import live, otlp, prometheus, prune, query, schema, search, status, summary, traces
from collector.api.application import api
from collector.api.asking import Asking, answers_of
from collector.api.questions import QuestionsApi
from collector.content.policy import ContentPolicy
from collector.decoding.beside import DecodingBeside
from collector.decoding.decoder import Decoder
from collector.errors import StoreError, TooManyQueries, TooManySearches
from collector.exported_landing import exported_landing
from collector.group_commit import GroupCommit
from collector.intake import Intake
from collector.monitoring.figures import Figures
from collector.monitoring.health import SERVICE, Health
from collector.monitoring.live_feed import LiveFeed
from collector.monitoring.pace import Pace
from collector.monitoring.settling import Settling
from collector.monitoring.status import Status, versions
from collector.monitoring.traffic import Traffic
from collector.parameters import Nothing
from collector.receivers import access, wire
from collector.receivers.budget import ByteBudget
from collector.receivers.connections import Connection
from collector.receivers.doors import OFF, Doors, grpc_door
from collector.receivers.http_receiver import TraceReceiver
from collector.receivers.in_hand import RequestsInHand
from collector.receivers.reception import Reception
from collector.retention.limits import Limits
from collector.retention.pruner import Pruner
from collector.spans.oddities import OddityTally
from collector.spool.folder import Spool
from collector.spool.landing import SpoolLanding
from collector.store.choosing import open_store
from collector.store.duckdb.store import SCHEMA_VERSION

SECONDS_TO_FINISH = 10
SWITCH_SECONDS = 0.0005
"""The thread that writes hands the interpreter back at every statement. At Python's 5 ms it would wait longer to
get it from a thread that decodes than it works."""
OBJECTS_BEFORE_COLLECTION = 50_000
"""A batch makes thousands of rows and no cycles. At Python's 700, looking for some takes a sixth of decoding."""
SECONDS_KEPT_ALIVE = 75
"""Longer than clients keep an idle connection, so that it is never closed just as one of them uses it again."""


class Collector:
    """Everything that runs between opening the store and closing it."""

    def __init__(
        self,
        data: Path,
        *,
        limits: Limits | None = None,
        store: str = "",
        policy: ContentPolicy | None = None,
    ) -> None:
        """`store` is the address of a server; without one, spans go into a file in `data`."""
        self.store = open_store(store, data)
        self.grpc = OFF
        """Where OTLP/gRPC is taken, or why not."""
        self._started = time.monotonic()
        self._spool = Spool(data)
        self.feed = LiveFeed()
        self.oddities = OddityTally()
        self.asking = Asking()
        self.explorers = Asking(query.MOST_QUERIES, TooManyQueries)
        self.searching = Asking(search.MOST_SEARCHES, TooManySearches)
        self.figures = Figures()
        self.settling = Settling(self.store, self.figures)
        self.pace = Pace(lambda: self.commits.tally)
        told = [self.feed.publish, self.figures.landed, self.oddities.landed, self.pace.landed]
        self.commits = GroupCommit(self.store, told)
        self.intake = Intake(self.commits, policy)
        self.beside = DecodingBeside(self.intake.policy)
        self._landing = SpoolLanding(self._spool, self.intake)
        self._exported = exported_landing(self.store, self.intake)
        self.pruner = Pruner(self.store, limits or Limits())

    def end_long_answers(self) -> None:
        """Those that would keep a server from ending."""
        self.feed.close()
        self.explorers.end()
        self.searching.end()

    def close(self) -> None:
        """Stores what was taken in before the file is let go."""
        self.beside.close()
        self.settling.close()
        self.pruner.close()
        self._landing.close()
        if self._exported:
            self._exported.close()
        self.commits.close()
        self.store.close()

    def traffic(self) -> Traffic:
        tally = self.commits.tally
        return Traffic(
            **asdict(tally),
            queued=self.commits.spans_waiting,
            spool_waiting=len(self._spool.waiting()),
            spool_landed=self._landing.tally.spool_landed,
            store_bytes=self.store.bytes_on_disk(),
        )

    def status(self) -> Status:
        committed_at = self.figures.committed_at
        return Status(
            lag=self.pace.lag(),
            course=self.pace.course(),
            seconds_since_commit=None if committed_at is None else time.monotonic() - committed_at,
            queued_spans=self.commits.spans_waiting,
            calls_held=self.figures.held.spans,
            rejected_spans=self.intake.refusals.spans_by_reason(),
            refused_requests=self.intake.refusals.requests_by_error(),
            spool=self._spool.contents(),
            versions=versions(),
        )

    def health(self) -> Health:
        tally = self.commits.tally
        [counts] = queries.store_counts(self.store, Nothing()).to_pylist()
        return Health(
            service=SERVICE,
            version=version("composite-llm"),
            schema_version=SCHEMA_VERSION,
            store=self.store.location,
            pid=os.getpid(),
            grpc=self.grpc,
            uptime_s=time.monotonic() - self._started,
            spans_received=tally.received,
            spans_stored=tally.stored,
            spans_duplicate=tally.duplicate,
            spans_rejected=tally.rejected,
            oddities=self.oddities.counts(),
            spool_files=len(self._spool.waiting()),
            **asdict(self._landing.tally),
            spans_lost=self.intake.lost,
            content=self.intake.policy.content,
            store_bytes=self.store.bytes_on_disk(),
            retention=self.pruner.state(),
            **counts,
        )


def application(
    collector: Collector, listener: socket.socket, doors: Doors, announce: Callable[[], None]
) -> Starlette:
    """Closes the collector when it is shut down."""
    reception = Reception(
        collector.intake, Decoder(collector.intake.policy, collector.beside), ByteBudget(doors.body_limit)
    )
    answers = answers_of(collector.store, collector.asking)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with grpc_door(reception, doors, listener) as collector.grpc:
            announce()
            yield
        collector.close()

    async def healthz(request: Request) -> Response:
        # Whoever has no token learns that a collector runs, and nothing of what it holds.
        if not doors.access.admits(request.headers.get("authorization", "")):
            return JSONResponse({"service": SERVICE, "version": version("composite-llm"), "token": "needed"})
        try:
            return JSONResponse(asdict(await run_in_threadpool(collector.health)))
        except StoreError as error:
            return wire.JSON.error(503, wire.UNAVAILABLE, str(error))

    app = api(
        [
            *(resource.router(answers) for resource in (traces, otlp, summary)),
            schema.router(collector.store),
            query.router(collector.store, collector.explorers),
            search.router(collector.store, collector.searching),
            live.router(collector.store, collector.feed),
            prometheus.router(collector.figures, collector.traffic),
            prune.router(collector.pruner),
            status.router(collector.status),
        ],
        routes=[
            *TraceReceiver(reception, doors.body_limit).routes(),
            *QuestionsApi(collector.store, collector.figures, collector.asking).routes(),
            Route("/healthz", healthz, methods=["GET"]),
        ],
        # Last, so that who may not come in takes no place.
        middleware=[*access.middleware(doors.access), Middleware(RequestsInHand)],
        lifespan=lifespan,
    )
    # Exporters take a redirect for success, and drop the spans.
    app.router.redirect_slashes = False
    return app


def serve(
    collector: Collector,
    listener: socket.socket,
    *,
    doors: Doors | None = None,
    announce: Callable[[], None] = lambda: None,
    stop: threading.Event | None = None,
) -> None:
    """Answer until a signal comes or `stop` is set; then finish what is in hand and close the store.

    `announce` is called once every port is taken.
    """
    config = uvicorn.Config(
        application(collector, listener, doors or Doors(), announce),
        # Its lines go where all others go, and so are as clean.
        log_config=None,
        log_level="warning",
        access_log=False,
        http=Connection,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        timeout_keep_alive=SECONDS_KEPT_ALIVE,
    )
    server = Server(config, collector.end_long_answers)
    if stop is not None:
        threading.Thread(target=_stop_with, args=(stop, server), name="stop", daemon=True).start()
    with _interpreter_at_work():
        server.run(sockets=[listener])


@contextmanager
def _interpreter_at_work() -> Generator[None]:
    """Undone at the end: DuckDB's binding complains of what is not collected, and other parts of a program go on."""
    seconds, objects = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*objects)
        sys.setswitchinterval(seconds)


class Server(uvicorn.Server):
    """Waits for the answers in hand, after it has ended those that take their time."""

    def __init__(self, config: uvicorn.Config, end_long_answers: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_long_answers = end_long_answers

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_long_answers()
        await super().shutdown(sockets)


def _stop_with(stop: threading.Event, server: uvicorn.Server) -> None:
    stop.wait()
    server.should_exit = True
