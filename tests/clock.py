"""A clock that tests move, so that time limits of minutes are over at once, and exactly when what comes before has
happened: a limit of seconds is one that a busy machine outruns.

Every timer of asyncio and of the engine reads it; tests/conftest.py imports this before anybody could keep the real
one. It moves forward and never back: what waits on a loop would else wait for so much longer.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

PATIENCE_S = 60
"""With a loop that takes no turns, since the block has ended on it meanwhile."""
TURNS = 50
"""Of a loop, in which whoever has just been given something takes it. The longest way is an answer's, through the
tasks around its call: some ten."""


class Clock:
    def __init__(self) -> None:
        self.ahead = 0.0
        self.loop: asyncio.AbstractEventLoop | None = None
        """Of the tests, besides which there is the one of our own thread."""
        self._monotonic = time.monotonic

    def __call__(self) -> float:
        return self._monotonic() + self.ahead

    @contextmanager
    def passing(self, seconds: float, once: Callable[[], object]) -> Generator[None]:
        """So many seconds are over as soon as `once` holds. It must hold before the block ends."""
        ended, moved = threading.Event(), threading.Event()

        def move() -> None:
            while not (holds := once()) and not ended.wait(0.01):
                pass
            if holds:
                self._move(seconds)
                moved.set()

        thread = threading.Thread(target=move)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
        assert moved.is_set(), "the block ended first"

    def _move(self, seconds: float) -> None:
        from composite_llm.engine import loop_thread

        loops = [loop for loop in (self.loop, loop_thread._loop) if loop and loop.is_running()]
        for loop in loops:
            asyncio.run_coroutine_threadsafe(_turns(), loop).result(PATIENCE_S)
        self.ahead += seconds
        for loop in loops:
            loop.call_soon_threadsafe(_nothing)  # it looks at its timers again


async def _turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


def _nothing() -> None:
    pass


CLOCK = Clock()
time.monotonic = CLOCK
