"""The players of one browser tab, and how many may be at work on the whole server."""

import threading
from collections.abc import Callable

import streamlit as st

from dashboard.playground.asked import Asked
from dashboard.playground.player import Player

MOST_AT_ONCE = 2
"""Running requests. Each is a process of some 300 MB, and somebody pays for it."""
MOST_PROCESSES = 4
MOST_KEPT = 20


class Places:
    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most)

    def take(self) -> Callable[[], None] | None:
        """What gives the place back, once; None where all are taken."""
        if not self._free.acquire(blocking=False):
            return None
        given_back = threading.Event()

        def give_back() -> None:
            if not given_back.is_set():
                given_back.set()
                self._free.release()

        return give_back


PROCESSES, RUNNING = Places(MOST_PROCESSES), Places(MOST_AT_ONCE)


class Table:
    def __init__(self) -> None:
        self.played: list[Player] = []
        """What this tab ran, the latest last."""
        self._ready: Player | None = None

    def ready(self) -> Player | None:
        """One that waits for its request, started where there is none; None where too many processes are at work."""
        if self._ready is None or self._ready.is_over:
            place = PROCESSES.take()
            if place is None:
                return None
            self._ready = Player(place)
        return self._ready

    def run(self, asked: Asked) -> str:
        """Begin; otherwise why not."""
        place = RUNNING.take()
        if place is None:
            return f"{MOST_AT_ONCE} requests run from Playgrounds already. Cancel one, or wait until it has ended."
        player = self.ready()
        if player is None:
            place()
            return f"{MOST_PROCESSES} processes are at work for Playgrounds already. Close a tab, or wait."
        self._ready = None
        player.on_over(place)
        player.run(asked)
        self.played = [*self.played, player][-MOST_KEPT:]
        return ""

    def close(self) -> None:
        """The tab has gone."""
        for player in (*self.played, *([self._ready] if self._ready else [])):
            player.close()


@st.cache_resource(scope="session", show_spinner=False, on_release=Table.close)
def table() -> Table:
    return Table()
