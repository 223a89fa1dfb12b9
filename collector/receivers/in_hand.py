"""How many requests are answered at once, and how long a body may take to come.

Counted are requests, not connections, which exporters keep open between two batches. The answer to one too many
is OTLP's own and says when to come back: exporters drop the spans of an answer they cannot read.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.errors import BodyStalled
from collector.receivers import wire
from collector.receivers.access import OPEN_PATH
from collector.receivers.reception import RETRY_SOON

MOST_REQUESTS = 256
SECONDS_OF_SILENCE = 30
"""Within which the next piece of a body must come."""
SLOWEST = 64 * 1024
"""Bytes a second, over a whole body: single bytes now and then would hold a place for ever."""


class RequestsInHand:
    def __init__(self, app: ASGIApp, most: int = MOST_REQUESTS, silence: float = SECONDS_OF_SILENCE) -> None:
        self._app = app
        self._most = most
        self._silence = silence
        self._in_hand = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Whoever watches the collector must see that it is busy, not away.
        if scope["type"] != "http" or scope["path"] == OPEN_PATH:
            await self._app(scope, receive, send)
            return
        if self._in_hand >= self._most:
            message = (
                f"{self._most} requests are being answered, which is the most at once; send again in a second"
            )
            busy = wire.spoken_in(scope).error(503, wire.RESOURCE_EXHAUSTED, message, RETRY_SOON)
            await busy(scope, receive, send)
            return
        self._in_hand += 1
        try:
            await self._paced(scope, receive, send)
        finally:
            self._in_hand -= 1

    async def _paced(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, paced(receive, self._silence), send)
        except BodyStalled as error:
            # Not 408, after which some exporters drop the spans.
            stalled = wire.spoken_in(scope).error(
                503, wire.UNAVAILABLE, str(error), {**RETRY_SOON, "Connection": "close"}
            )
            await stalled(scope, receive, send)


def paced(receive: Receive, silence: float) -> Receive:
    """`receive`, for as long as the body goes on coming. Raises BodyStalled."""
    loop = asyncio.get_running_loop()
    latest = loop.time() + silence
    whole = False

    async def next_piece() -> Message:
        nonlocal latest, whole
        if whole:
            # What comes now is only the end of the connection.
            return await receive()
        try:
            async with asyncio.timeout_at(min(latest, loop.time() + silence)):
                message = await receive()
        except TimeoutError as error:
            raise BodyStalled() from error
        latest += len(message.get("body", b"")) / SLOWEST
        whole = not message.get("more_body", False)
        return message

    return next_piece
