"""Two hundred composite requests at the same moment in one process: how many a second, and what they leave behind.

Measured by `fan_out`, with its server and what it has warmed up.
"""

import asyncio
import gc
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.figures import Figure
from benchmarks.model_server import ModelServer
from benchmarks.panel import PROPOSERS, bare, composite
from benchmarks.process_use import resident_mb

AT_ONCE = 200
CALLS = len(PROPOSERS) + 1


class Held(NamedTuple):
    """What this process holds."""

    tasks: int
    threads: int
    sockets: int
    megabytes: float

    def __str__(self) -> str:
        return f"{self.tasks}, {self.threads}, {self.sockets}, {self.megabytes:.0f} MB"


async def measured(server: ModelServer, forget_spans: Callable[[], None]) -> list[Figure]:
    await _round(server)  # opens the connections and threads that the next ones use again
    before = await _held(forget_spans)
    seconds, added = await _round(server)
    after = await _held(forget_spans)
    began = time.monotonic()
    await asyncio.gather(*(bare(seed, server.url) for seed in range(AT_ONCE)))
    alone = time.monotonic() - began
    return [
        Figure(
            f"{AT_ONCE} composite requests at once, N=6: throughput",
            f"{AT_ONCE / seconds:.1f} requests/s, {AT_ONCE * CALLS / seconds:.0f} calls/s; "
            f"LiteLLM alone {AT_ONCE * CALLS / alone:.0f} calls/s",
        ),
        Figure(
            f"added to the longest path, {AT_ONCE} at once: median, and for each request's share of the thread",
            f"{added:.2f} s, {seconds / AT_ONCE * 1000:.0f} ms",
        ),
        Figure("tasks, threads, sockets and memory before them", str(before)),
        Figure("the same after them", str(after), "as before"),
    ]


async def _round(server: ModelServer) -> tuple[float, float]:
    """Seconds until the last one is answered, and the median of what was added."""
    began = time.monotonic()
    taken = await asyncio.gather(*(composite(seed) for seed in range(AT_ONCE)))
    seconds = time.monotonic() - began
    return seconds, median(each.added(server) for each in taken)


async def _held(forget_spans: Callable[[], None]) -> Held:
    """Once what was ending has ended."""
    await asyncio.sleep(1)
    forget_spans()
    gc.collect()
    return Held(len(asyncio.all_tasks()), threading.active_count(), _sockets(), resident_mb(os.getpid()))


def _sockets() -> int:
    return sum(_is_socket(entry) for entry in Path("/proc/self/fd").iterdir())


def _is_socket(entry: Path) -> bool:
    try:
        return os.readlink(entry).startswith("socket:")
    except OSError:  # the folder's own, closed by now
        return False
