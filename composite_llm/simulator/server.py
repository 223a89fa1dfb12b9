"""Offline models behind a real HTTP port: an OpenAI-compatible server on loopback.

    with Simulator(speed=10) as simulator:
        litellm.completion(model="openai/gpt-4o", api_base=simulator.url, api_key="any", messages=[...])

It runs on one event loop in one daemon thread, so that a test, a notebook and the command line can all
hold it; hundreds of calls in flight cost no more than their timers. It listens on loopback only.
"""

import asyncio
import math
import os
import socket
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Scope

from composite_llm.simulator.answers import Answers
from composite_llm.simulator.chat import ChatEndpoint
from composite_llm.simulator.errors import OptionError, PortUnavailable, RequestRefused, SimulatorError
from composite_llm.simulator.faults import ModelFaults
from composite_llm.simulator.profiles import PROFILES
from composite_llm.simulator.records import Journal, Record
from composite_llm.simulator.replay import load_replay

HOST = "127.0.0.1"
KEEP_ALIVE_S = 150
"""Longer than clients keep an idle connection, so that it is never closed just as one of them uses it again:
LiteLLM's does so for 120 seconds."""
BACKLOG = 1024


class Simulator:
    def __init__(
        self,
        *,
        port: int = 0,
        seed: int = 1,
        speed: float = 1.0,
        replay: str | os.PathLike[str] | None = None,
        aliases: Mapping[str, str] | None = None,
        faults: Mapping[str, str] | None = None,
        delays: Mapping[str, float] | None = None,
        windows: bool = True,
    ) -> None:
        """Reads the replay file; opens nothing before `start`.

        `port` 0 takes a free one. `speed` 10 answers ten times faster than the real models, 0 without any
        waiting. `aliases` lets a recorded model answer for another. `faults` is like {"gpt-4o": "429:0.2"}.
        `delays` are the seconds that answers of a model take, whatever the speed. `windows` False takes prompts of any
        length.
        """
        self.port = port
        self.seed = seed
        self.speed = _checked_speed(speed)
        self._replay = load_replay(Path(replay), aliases or {}) if replay is not None else None
        self._journal = Journal()
        self._chat = ChatEndpoint(
            answers=Answers(seed, self._replay),
            faults=ModelFaults(seed, faults or {}),
            delays=delays or {},
            journal=self._journal,
            seed=seed,
            speed=self.speed,
            abort=self._abort,
            windows=windows,
        )
        self._server: uvicorn.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """What an OpenAI client takes as its base URL."""
        return f"http://{HOST}:{self.port}/v1"

    @property
    def requests(self) -> list[Record]:
        """The chat requests served so far, in the order in which they ended."""
        return self._journal.records

    @property
    def in_flight(self) -> int:
        """The chat requests being served at this moment."""
        return self._journal.in_flight

    @property
    def max_in_flight(self) -> int:
        """The most chat requests that were served at the same moment."""
        return self._journal.max_in_flight

    @property
    def recorded_instructions(self) -> int:
        return len(self._replay) if self._replay else 0

    def start(self) -> Self:
        """Returns when the port answers. Raises PortUnavailable."""
        listener = _listener(self.port)
        self.port = int(listener.getsockname()[1])
        ready = threading.Event()
        self._server = uvicorn.Server(self._config(ready))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True
        )
        self._thread.start()
        while not ready.wait(0.1):
            if not self._thread.is_alive():
                raise SimulatorError("The simulator ended while it was starting.")
        return self

    def stop(self) -> None:
        """Close the port and end all work in progress. May be called again."""
        if self._server is None or self._loop is None or self._thread is None:
            return
        self._server.should_exit = True
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._chat.stop)
        self._thread.join()
        self._server = self._loop = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _config(self, ready: threading.Event) -> uvicorn.Config:
        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncGenerator[None]:
            self._loop = asyncio.get_running_loop()
            ready.set()
            yield

        app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/models", self._models),
                Route("/healthz", self._health),
            ],
            exception_handlers={HTTPException: _refused},
            lifespan=lifespan,
        )
        # No logging of its own: the process belongs to whoever holds the simulator.
        return uvicorn.Config(
            app,
            loop="asyncio",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=KEEP_ALIVE_S,
        )

    async def _models(self, _: Request) -> JSONResponse:
        names = self._replay.models if self._replay else sorted(PROFILES)
        models = [{"id": name, "object": "model", "created": 0, "owned_by": "simulator"} for name in names]
        return JSONResponse({"object": "list", "data": models})

    async def _health(self, _: Request) -> JSONResponse:
        state: dict[str, Any] = {
            "service": "composite-llm-simulator",
            "pid": os.getpid(),
            "seed": self.seed,
            "speed": self.speed,
            "recorded_instructions": self.recorded_instructions,
            "served": self._journal.served,
            "in_flight": self._journal.in_flight,
            "max_in_flight": self._journal.max_in_flight,
        }
        return JSONResponse(state)

    def _abort(self, scope: Scope) -> None:
        assert self._server is not None
        for protocol in self._server.server_state.connections:
            if getattr(protocol, "client", None) == scope["client"]:
                protocol.transport.abort()
                return


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: {error.detail}."
    refused = RequestRefused(error.status_code, message, code="unknown_url")
    return JSONResponse(refused.body, refused.status, error.headers)


def _listener(port: int) -> socket.socket:
    # Named as TCP, because asyncio switches Nagle's algorithm off only then; with it on, every answer over
    # a kept connection waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise PortUnavailable(port, getattr(error, "strerror", None) or str(error)) from error
    return listener


def _checked_speed(speed: float) -> float:
    """The speed, with 0 for no waiting at all."""
    if math.isnan(speed) or speed < 0:
        raise OptionError(f"The speed must be 0 (no waiting) or more, not {speed:g}.")
    return 0.0 if math.isinf(speed) else speed
