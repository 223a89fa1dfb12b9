"""Ends queries from outside of the thread that waits for them."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

SECONDS_BETWEEN_STOPS = 0.05


class Cancellation:
    """For all queries of one request: whoever asked calls `cancel`, the engine runs each query inside `watched`."""

    def __init__(self) -> None:
        self._cancelled = False
        self._waiting: set[threading.Event] = set()
        self._lock = threading.Lock()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        """Also before a query begins, or after it ended."""
        with self._lock:
            self._cancelled = True
            for over in self._waiting:
                over.set()

    @contextmanager
    def watched(self, stop: Callable[[], None], seconds: float) -> Generator[None]:
        """Calls `stop` from another thread once `seconds` have passed or `cancel` was called."""
        over, finished = threading.Event(), threading.Event()

        def watch() -> None:
            over.wait(seconds)
            # Again and again: an engine forgets to stop if it is told so between two steps of a query.
            while not finished.is_set():
                stop()
                finished.wait(SECONDS_BETWEEN_STOPS)

        with self._lock:
            self._waiting.add(over)
            if self._cancelled:
                over.set()
        watching = threading.Thread(target=watch, name="query-limit", daemon=True)
        watching.start()
        try:
            yield
        finally:
            finished.set()
            over.set()
            watching.join()
            with self._lock:
                self._waiting.discard(over)
