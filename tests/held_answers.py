"""Model servers whose answers wait for what a test waits for, instead of for a clock that a busy machine outruns.

Of several for one model the last is waited for first.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from composite_llm.simulator import Simulator
from composite_llm.simulator.profiles import Timing, own_name

PATIENCE_S = 60
"""Then the answer goes out all the same, and the test fails for what it finds."""


def hold(server: Simulator, model: str, until: Callable[[], object], *, answers: bool | None = None) -> None:
    """From now on `server` answers, or fails, requests for `model` once `until` holds.

    `answers` True holds only those that it answers, False only those that it fails.
    """

    async def held() -> None:
        while not until():
            await asyncio.sleep(0.01)

    if answers is not False:
        _before(server, "_answer", {model}, held)
    if answers is not True:
        _before(server, "_fail", {model}, held)


def meet(server: Simulator, *models: str) -> None:
    """Requests for these are answered once there is one of each; the same name may stand here several times."""
    barrier = asyncio.Barrier(len(models))
    _before(server, "_answer", set(models), barrier.wait)
    _before(server, "_fail", set(models), barrier.wait)


def talk(server: Simulator, seconds: float) -> None:
    """Streams begin at once and go on for so long, word by word; other answers take no time."""
    server._chat._timing = lambda request, payload: Timing(0.0, seconds if request.stream else 0.0)


def _before(server: Simulator, step: str, models: set[str], wait: Callable[[], Awaitable[object]]) -> None:
    then = getattr(server._chat, step)

    async def held(fault, request, connection, visit):
        if own_name(request.model) in models:
            with suppress(asyncio.BrokenBarrierError):
                await _patiently(wait)
        await then(fault, request, connection, visit)

    setattr(server._chat, step, held)


async def _patiently(wait: Callable[[], Awaitable[object]]) -> None:
    """By a clock that no test moves."""
    waiting = asyncio.ensure_future(wait())
    ends = time.perf_counter() + PATIENCE_S
    try:
        while not waiting.done() and time.perf_counter() < ends:
            await asyncio.wait([waiting], timeout=1)
    finally:
        waiting.cancel()
    if waiting.done() and not waiting.cancelled():
        waiting.result()
