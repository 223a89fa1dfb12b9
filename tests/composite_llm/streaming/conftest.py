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


@pytest.fixture
def talking(monkeypatch):
    """A model server whose streams begin at once and go on for minutes, for readers that leave in between."""
    with Simulator(speed=0) as server:
        talk(server, seconds=300)
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        composite_llm.register()
        yield server
