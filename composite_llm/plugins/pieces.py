"""Changing a text that comes in pieces, where what is looked for may lie across two of them."""

from collections.abc import Callable, Iterable
from typing import Protocol

HELD_BACK = 256
"""Characters that wait for what follows; what is looked for may be as long."""


class Match(Protocol):
    def start(self) -> int: ...
    def end(self) -> int: ...


class Pieces:
    """Gives out all but the last `HELD_BACK` characters, and never half of a match."""

    def __init__(self, find: Callable[[str], Iterable[Match]], change: Callable[[str], str]) -> None:
        self._find, self._change = find, change
        self._waiting = ""

    def feed(self, text: str) -> str:
        self._waiting += text
        until = len(self._waiting) - HELD_BACK
        if until <= 0:
            return ""
        for match in self._find(self._waiting):
            if match.start() < until < match.end():
                until = match.start()
        ready, self._waiting = self._waiting[:until], self._waiting[until:]
        return self._change(ready)

    def end(self) -> str:
        rest, self._waiting = self._waiting, ""
        return self._change(rest)
