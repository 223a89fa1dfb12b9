"""Those who wait for something to change, each on an event loop of his own."""

import asyncio
import threading
from contextlib import suppress


class Waiting:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def ticket(self) -> asyncio.Event:
        """Set by the next `wake`, on the loop that runs here."""
        event = asyncio.Event()
        with self._lock:
            self._events.append((asyncio.get_running_loop(), event))
        return event

    def wake(self) -> None:
        with self._lock:
            events, self._events = self._events, []
        for loop, event in events:
            with suppress(RuntimeError):  # a loop that has ended meanwhile: nobody waits there
                loop.call_soon_threadsafe(event.set)
