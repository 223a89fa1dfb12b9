"""Who may use the open file now: everybody at once, or one that has to close and exchange it."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

from collector.errors import StoreBusy


class Gate:
    def __init__(self) -> None:
        self._inside = 0
        self._closed = False
        self._changed = threading.Condition()

    @contextmanager
    def shared(self, patience: float) -> Generator[None]:
        """Raises StoreBusy where somebody needs the file alone for longer than `patience` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._closed, patience):
                raise StoreBusy
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self, patience: float) -> Generator[None]:
        """Lets nobody in any more and waits for those inside; gives up, with StoreBusy, if they stay."""
        with self._changed:
            if self._closed:
                raise StoreBusy
            self._closed = True
            if not self._changed.wait_for(lambda: not self._inside, patience):
                self._open_again()
                raise StoreBusy
        try:
            yield
        finally:
            with self._changed:
                self._open_again()

    def _open_again(self) -> None:
        self._closed = False
        self._changed.notify_all()
