"""Connections that carry no request: kept for the next one, but not without end, and not without number.

They cost next to nothing but a file descriptor, of which a process has some thousand, and the store needs some.
"""

import time
from asyncio import Transport

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_CONNECTIONS = 512
"""Beyond, the one that has been idle longest makes room."""


class Connection(H11Protocol):
    idle_since = 0.0

    def connection_made(self, transport: Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        # uvicorn itself waits for ever for the first request of a connection.
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )
        self.idle_since = time.monotonic()
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()

    def on_response_complete(self) -> None:
        self.idle_since = time.monotonic()
        super().on_response_complete()

    @property
    def is_idle(self) -> bool:
        """Also where half of a request's head has come, which may be all that ever comes."""
        # None until the first request, though uvicorn's types do not say so.
        return not self.cycle or self.cycle.response_complete

    def _make_room(self) -> None:
        idle = [
            other
            for other in self.connections
            if isinstance(other, Connection) and other.is_idle and other is not self
        ]
        if idle:
            min(idle, key=lambda other: other.idle_since).transport.abort()
