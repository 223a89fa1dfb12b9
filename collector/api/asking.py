"""A request for answers: counted while it is answered, and what runs for it ends as soon as its client leaves."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from fastapi import Request

from collector.errors import BodyStalled, CollectorError
from collector.store.duckdb.cancellation import Cancellation
from collector.store.interface import Answers, CancellableAnswers, TraceStore


class Asking:
    """Counted on the event loop alone."""

    def __init__(
        self, most: int | None = None, too_many: Callable[[int], CollectorError] | None = None
    ) -> None:
        """At most so many at once, and what one more is told; without, any number."""
        self._most = most
        self._too_many = too_many
        self._running: set[Cancellation] = set()

    @property
    def running(self) -> int:
        return len(self._running)

    def require_room(self) -> None:
        if self._too_many and self._most is not None and len(self._running) >= self._most:
            raise self._too_many(self._most)

    @asynccontextmanager
    async def one_more(self, request: Request) -> AsyncGenerator[Cancellation]:
        """Cancelled when the client hangs up, and at the latest when this is left. The body was read before."""
        self.require_room()
        cancellation = Cancellation()
        leaving = asyncio.create_task(_left(request))
        leaving.add_done_callback(lambda _: cancellation.cancel())
        self._running.add(cancellation)
        try:
            yield cancellation
        finally:
            leaving.cancel()
            cancellation.cancel()
            self._running.discard(cancellation)

    def end(self) -> None:
        for cancellation in self._running:
            cancellation.cancel()


AnswersOf = Callable[[Request], AsyncGenerator[Answers]]


def answers_of(store: TraceStore, asking: Asking) -> AnswersOf:
    """What a route depends on that asks the store."""

    async def answers(request: Request) -> AsyncGenerator[Answers]:
        async with asking.one_more(request) as cancellation:
            yield CancellableAnswers(store, cancellation)

    return answers


async def _left(request: Request) -> None:
    try:
        while (await request.receive())["type"] != "http.disconnect":
            pass
    except BodyStalled:
        # What announces a body and sends none waits for no answer either.
        return
