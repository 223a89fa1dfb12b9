"""How many agent CLIs run at once in this process: each takes hundreds of megabytes."""

import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from composite_llm import settings
from composite_llm.accounting.waiting import Waiting

_lock = threading.Lock()
_waiting = Waiting()
_taken = 0


@asynccontextmanager
async def place() -> AsyncGenerator[float]:
    """Held by one run; gives the seconds it was waited for. Runs may be on event loops of their own."""
    began = time.monotonic()
    await _take()
    try:
        yield time.monotonic() - began
    finally:
        _leave()


async def _take() -> None:
    global _taken
    while True:
        with _lock:
            if _taken < settings.load().agent_cli_at_once:
                _taken += 1
                return
            ticket = _waiting.ticket()
        await ticket.wait()


def _leave() -> None:
    global _taken
    with _lock:
        _taken -= 1
    _waiting.wake()
