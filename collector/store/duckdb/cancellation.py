"""Ends a query from outside of the thread that waits for it."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

SECONDS_BETWEEN_STOPS = 0.05


class Cancellation:
    """For one query: whoever asked calls `cancel`, the engine runs the query inside `watched`."""

    def __init__(self) -> None:
        self._cancelled = False
        self._over = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        """Also before the query begins, or after it ended."""
        self._cancelled = True
        self._over.set()

    @contextmanager
    def watched(self, stop: Callable[[], None], seconds: float) -> Generator[None]:
        """Calls `stop` from another thread once `seconds` have passed or `cancel` was called."""
        finished = threading.Event()

        def watch() -> None:
            self._over.wait(seconds)
            # Again and again: an engine forgets to stop if it is told so between two steps of a query.
            while not finished.is_set():
                stop()
                finished.wait(SECONDS_BETWEEN_STOPS)

        watching = threading.Thread(target=watch, name="query-limit", daemon=True)
        watching.start()
        try:
            yield
        finally:
            finished.set()
            self._over.set()
            watching.join()
