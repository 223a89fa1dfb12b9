"""One HTTP exchange, including the rude endings a framework's responses do not offer."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import Receive, Scope, Send

from composite_llm.simulator.errors import NO_HEADERS

_KEYS = ("authorization", "api-key", "x-api-key")

Abort = Callable[[Scope], None]
"""Closes the TCP connection that carries a request, at once."""


class Connection:
    def __init__(self, scope: Scope, receive: Receive, send: Send, abort: Abort) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._abort = abort

    @property
    def headers(self) -> dict[str, str]:
        """By their names in lower case; without what holds a key."""
        named = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self._scope["headers"]
        }
        return {name: value for name, value in named.items() if name not in _KEYS}

    async def body(self) -> bytes | None:
        """The request's body, or None when the client went away while sending it."""
        parts: list[bytes] = []
        while True:
            event = await self._receive()
            if event["type"] == "http.disconnect":
                return None
            parts.append(event.get("body", b""))
            if not event.get("more_body", False):
                return b"".join(parts)

    async def gone(self) -> None:
        """Returns when the client has gone away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def send_json(
        self, value: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] = NO_HEADERS
    ) -> None:
        await self.send_whole(encoded(value), status, headers)

    async def send_whole(
        self, body: bytes, status: int = 200, headers: Mapping[str, str] = NO_HEADERS
    ) -> None:
        await self.start("application/json", status, {"content-length": str(len(body)), **headers})
        await self.finish(body)

    async def start(
        self, media_type: str, status: int = 200, headers: Mapping[str, str] = NO_HEADERS
    ) -> None:
        named = {"content-type": media_type, **headers}
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

    async def send(self, part: bytes) -> None:
        await self._send({"type": "http.response.body", "body": part, "more_body": True})

    async def finish(self, part: bytes = b"") -> None:
        await self._send({"type": "http.response.body", "body": part, "more_body": False})

    async def abort(self) -> None:
        self._abort(self._scope)
        await self.gone()


def encoded(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


async def sleep_until(moment: float) -> None:
    """Sleep until this moment of the event loop's clock, which is time.monotonic()."""
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))
