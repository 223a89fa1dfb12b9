"""What is kept in this process: each entry for its own time, all together within a size."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from cachetools import TLRUCache

MOST_CHARACTERS = 32 * 1024 * 1024
"""Of all entries of one memory; the least recently used go first."""


class Entry(NamedTuple):
    text: str
    ttl_s: float


class Memory:
    """Texts by key. Safe to use from several threads and event loops at once: nothing in it waits."""

    def __init__(
        self, most_characters: int = MOST_CHARACTERS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` in seconds."""
        self._entries: TLRUCache[str, Entry] = TLRUCache(
            most_characters, ttu=lambda _, entry, now: now + entry.ttl_s, timer=clock, getsizeof=_size
        )
        self._lock = threading.Lock()

    def get(self, key: str) -> str | None:
        with self._lock:
            entry = self._entries.get(key)
        return entry.text if entry else None

    def renewed(self, key: str) -> str | None:
        """Like `get`, and the entry's time begins anew."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries[key] = entry
        return entry.text if entry else None

    def put(self, key: str, text: str, ttl_s: float) -> None:
        """One that is larger than all may be together is not kept."""
        entry = Entry(text, ttl_s)
        if _size(entry) > self._entries.maxsize:
            return
        with self._lock:
            self._entries[key] = entry

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def _size(entry: Entry) -> int:
    return len(entry.text) + 256  # the key, and what an entry takes beside its text
