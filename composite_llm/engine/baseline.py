"""The plain call beside a share of composite requests, so that what a composite adds in cost, time and
quality is measured on the same questions.

It is a request of its own: its own trace, books and deadline, linked both ways with the composite's. It
runs on the background loop, so it neither delays the client's answer nor ends with the client's loop, and
whatever goes wrong with it stays in its trace. At the end of the process it is cancelled if it still runs,
and its trace says so.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from composite_llm.engine.loop_thread import start

log = logging.getLogger(__name__)

_running: set[Future[Any]] = set()


def is_sampled(request_id: str, rate: float) -> bool:
    """Whether this request is one of the share; the same for the same id, wherever it is asked."""
    place = int.from_bytes(hashlib.sha256(request_id.encode()).digest()[:8], "big") / 2**64
    return place < rate


def run_beside(make: Callable[[], Coroutine[Any, Any, Any]], give_up: Callable[[], None]) -> None:
    """Run `make()` to its end while nobody waits for it; `give_up()` where it cannot even begin."""
    try:
        future = start(make)
    except RuntimeError:  # the process is ending: no thread can be started any more
        log.warning("no baseline: the process is ending")
        give_up()
        return
    _running.add(future)
    future.add_done_callback(_ended)


def settle(timeout_s: float) -> bool:
    """Wait until all that run now have ended, for so many seconds at most. For scripts, at their end."""
    from concurrent.futures import wait

    return not wait(list(_running), timeout_s).not_done


def _ended(future: Future[Any]) -> None:
    _running.discard(future)
    if future.cancelled():
        return
    error = future.exception()
    if error is not None and not isinstance(error, asyncio.CancelledError):
        log.info("a baseline failed: %s", type(error).__name__)  # its own trace says why
