"""The way of words from the engine to a client that reads along."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of the answer: a chunk as LiteLLM hands it out."""

    chunk: Any


@dataclass(frozen=True, slots=True)
class Note:
    """A line on how the work before the answer goes on."""

    text: str


class Sink:
    """Takes pieces from the engine, gives them to whoever delivers them. Both live on one event loop.

    It has no limit: a client that reads slowly must not use up the deadline, or keep a model's answer from
    being booked, and an answer fits into memory.
    """

    def __init__(self) -> None:
        self._items: asyncio.Queue[Piece | Note | None] = asyncio.Queue()
        self.keepalive_s = 0.0
        self.notes_wanted = False
        self.final_began_at: float | None = None
        """Moment of `time.monotonic()`."""
        self.spoke_at: float | None = None
        """When the client began to get the answer: from then on no call can be tried again."""
        self._speaker: object = None
        self.silent = False
        """The answer has to be whole before it is given out, as a plugin may change it: it is replayed."""
        self.rewrite: Callable[[Any], Any] | None = None
        """What a plugin makes of each chunk."""

    def open(self, *, keepalive_s: float, notes_wanted: bool) -> None:
        """The request is understood, and work begins."""
        self.keepalive_s, self.notes_wanted = keepalive_s, notes_wanted
        self._items.put_nowait(Note(""))  # whoever waits learns how long to

    def final_begins(self) -> None:
        if self.spoke_at is not None:
            raise RuntimeError(
                "The client has begun to get another call's answer: a strategy has one final call."
            )
        if self.final_began_at is None:
            self.final_began_at = time.monotonic()

    def note(self, text: str) -> None:
        if self.notes_wanted:
            self._items.put_nowait(Note(text))

    def speak(self, chunk: Any, speaker: object) -> bool:
        """False when another one has spoken before: what the client has of an answer must stay one answer."""
        if self.silent:
            return True
        if self.spoke_at is None:
            self._speaker, self.spoke_at = speaker, time.monotonic()
        if self._speaker is not speaker:
            return False
        self.say(self.rewrite(chunk) if self.rewrite else chunk)
        return True

    def say(self, chunk: Any) -> None:
        self._items.put_nowait(Piece(chunk))

    def close(self) -> None:
        self._items.put_nowait(None)

    async def next(self) -> Piece | Note | None:
        """None once closed. TimeoutError when there was nothing for `keepalive_s`."""
        async with asyncio.timeout(self.keepalive_s or None):
            return await self._items.get()
