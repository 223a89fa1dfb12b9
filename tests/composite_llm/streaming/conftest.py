import asyncio
from contextlib import aclosing

import litellm
import pytest

import composite_llm
from composite_llm.simulator import Simulator
from tests.held_answers import talk
from tests.streams import QUESTION, Streamed


@pytest.fixture(params=["async", "sync"])
def read(request):
    """Asks for a stream and reads it to its end, through `acompletion` or `completion`.

    Whoever looks on gives a list `heard`, to which each chunk is added as it comes.
    """

    async def read_async(model, messages=QUESTION, heard=None, **parameters):
        chunks = [] if heard is None else heard
        stream = await litellm.acompletion(model, messages, stream=True, **parameters)
        async with aclosing(stream):
            async for chunk in stream:
                chunks.append(chunk)
        return Streamed(chunks)

    async def read_sync(model, messages=QUESTION, heard=None, **parameters):
        chunks = [] if heard is None else heard

        def read_all():
            chunks.extend(litellm.completion(model, messages, stream=True, **parameters))

        await asyncio.to_thread(read_all)
        return Streamed(chunks)

    return {"async": read_async, "sync": read_sync}[request.param]


@pytest.fixture
def talking(monkeypatch):
    """A model server whose streams begin at once and go on for minutes, for readers that leave in between."""
    with Simulator(speed=0) as server:
        talk(server, seconds=300)
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        composite_llm.register()
        yield server
