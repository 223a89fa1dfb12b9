"""Bodies that are read no further than a request can mean anything, with the API's own error beyond."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from collector.errors import BodyTooLarge
from collector.receivers.inflate import read_body

MOST_BYTES = 1024 * 1024


class SmallBody(Request):
    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            try:
                self._body = await read_body(self.stream(), compressed=False, limit=MOST_BYTES)
            except BodyTooLarge as error:
                # FastAPI lets no other exception pass while it reads a body.
                raise HTTPException(413, str(error)) from error
        return self._body


class SmallBodyRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def limited(request: Request) -> Response:
            return await handle(SmallBody(request.scope, request.receive))

        return limited
