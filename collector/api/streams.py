"""Answers that go on for as long as somebody reads them."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Send

log = logging.getLogger(__name__)

STALLED_SECONDS = 30.0
"""A client that takes nothing for so long is dropped."""


class DroppingStalled(StreamingResponse):
    async def stream_response(self, send: Send) -> None:
        async def in_time(message: Any) -> None:
            await asyncio.wait_for(send(message), STALLED_SECONDS)

        try:
            await super().stream_response(in_time)
        except TimeoutError:
            log.warning("a client of a stream takes nothing any more, and is dropped")
        finally:
            # The generator holds a place among the followers until it is closed.
            if isinstance(self.body_iterator, AsyncGenerator):
                await self.body_iterator.aclose()
