"""The collector as a web application, and the process that runs it."""

import errno
import os
import socket
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector import queries, wire
from collector.api import prune, query
from collector.api.application import api
from collector.errors import CollectorError, PortInUse, StoreError
from collector.group_commit import GroupCommit
from collector.health import SERVICE, Health
from collector.intake import Intake
from collector.landing import SpoolLanding
from collector.parameters import Nothing
from collector.pruner import Pruner
from collector.questions_api import QuestionsApi
from collector.receiver import TraceReceiver
from collector.retention import Limits
from collector.spool import Spool
from collector.store.duckdb_store import SCHEMA_VERSION, DuckdbStore

HOST = "127.0.0.1"
LOOPBACK_NAMES = ["127.0.0.1", "localhost"]
MOST_CONNECTIONS = 256
SECONDS_TO_FINISH = 10
SECONDS_KEPT_ALIVE = 75
"""Longer than clients keep an idle connection, so that it is never closed just as one of them uses it again."""


class Collector:
    """Everything that runs between opening the store and closing it."""

    def __init__(self, data: Path, *, limits: Limits | None = None) -> None:
        self.store = DuckdbStore.open(data)
        self._started = time.monotonic()
        self._spool = Spool(data)
        self.commits = GroupCommit(self.store)
        self.intake = Intake(self.commits)
        self._landing = SpoolLanding(self._spool, self.intake)
        self.pruner = Pruner(self.store, limits or Limits())

    def close(self) -> None:
        """Stores what was taken in before the file is let go."""
        self.pruner.close()
        self._landing.close()
        self.commits.close()
        self.store.close()

    def health(self) -> Health:
        tally = self.commits.tally
        [counts] = queries.store_counts(self.store, Nothing()).to_pylist()
        return Health(
            service=SERVICE,
            version=version("composite-llm"),
            schema_version=SCHEMA_VERSION,
            store=self.store.location,
            pid=os.getpid(),
            uptime_s=time.monotonic() - self._started,
            spans_received=tally.received,
            spans_stored=tally.stored,
            spans_duplicate=tally.duplicate,
            spans_rejected=tally.rejected,
            spool_files=len(self._spool.waiting()),
            spool_landed=self._landing.landed,
            store_bytes=self.store.bytes_on_disk(),
            retention=self.pruner.state(),
            **counts,
        )


def application(collector: Collector) -> Starlette:
    """Closes the collector when it is shut down."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        collector.close()

    async def healthz(_: Request) -> Response:
        try:
            return JSONResponse(asdict(await run_in_threadpool(collector.health)))
        except StoreError as error:
            return wire.JSON.error(503, wire.UNAVAILABLE, str(error))

    return api(
        [query.router(collector.store), prune.router(collector.pruner)],
        routes=[
            Route("/v1/traces", TraceReceiver(collector.intake).receive, methods=["POST"]),
            Route("/questions/{name}", QuestionsApi(collector.store).answer, methods=["POST"]),
            Route("/healthz", healthz, methods=["GET"]),
        ],
        # A web page may make a browser call loopback under a name of its own; it gets no answer.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)],
        lifespan=lifespan,
    )


def listening_socket(port: int) -> socket.socket:
    """Taken before the store is opened: who has the port is the collector. Port 0 takes any free one."""
    # Named TCP, because asyncio turns Nagle off only for sockets that say so: an answer waits 40 ms otherwise.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name != "nt":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(MOST_CONNECTIONS)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(port) from error
        raise CollectorError(f"port {port} cannot be listened on: {error.strerror}") from error
    return listener


def serve(collector: Collector, listener: socket.socket, *, stop: threading.Event | None = None) -> None:
    """Answer until a signal comes or `stop` is set; then finish what is in hand and close the store."""
    config = uvicorn.Config(
        application(collector),
        log_level="warning",
        access_log=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        timeout_keep_alive=SECONDS_KEPT_ALIVE,
    )
    server = uvicorn.Server(config)
    if stop is not None:
        threading.Thread(target=_stop_with, args=(stop, server), name="stop", daemon=True).start()
    server.run(sockets=[listener])


def _stop_with(stop: threading.Event, server: uvicorn.Server) -> None:
    stop.wait()
    server.should_exit = True
