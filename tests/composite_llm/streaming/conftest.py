import asyncio
from contextlib import aclosing

import litellm
import pytest

from tests.streams import QUESTION, Streamed


@pytest.fixture(params=["async", "sync"])
def read(request):
    """Asks for a stream and reads it to its end, through `acompletion` or `completion`."""

    async def read_async(model, messages=QUESTION, **parameters):
        stream = await litellm.acompletion(model, messages, stream=True, **parameters)
        async with aclosing(stream):
            return Streamed([chunk async for chunk in stream])

    async def read_sync(model, messages=QUESTION, **parameters):
        return await asyncio.to_thread(
            lambda: Streamed(list(litellm.completion(model, messages, stream=True, **parameters)))
        )

    return {"async": read_async, "sync": read_sync}[request.param]
