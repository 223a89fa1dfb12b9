"""Model servers that are slow or broken where a test wants it, asked synchronously, asynchronously and for a stream."""

import asyncio
from contextlib import ExitStack

import litellm
import pytest
from litellm.exceptions import MidStreamFallbackError

import composite_llm
from composite_llm.simulator import Simulator


@pytest.fixture
def models(monkeypatch):
    """`models(delays=…, faults=…)` starts a server that answers every `sim/…` model of this test."""
    with ExitStack() as stack:

        def start(**behaviour):
            server = stack.enter_context(Simulator(speed=0, **behaviour))
            monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
            composite_llm.register()
            return server

        yield start


@pytest.fixture(params=["sync", "async", "streamed"])
def ask(request):
    """Await `ask(model, messages, …)`: the same request through each of the three doors."""

    async def streamed(*arguments, **parameters):
        stream = await composite_llm.acompletion(*arguments, stream=True, **parameters)
        try:
            return litellm.stream_chunk_builder([chunk async for chunk in stream])
        except MidStreamFallbackError as error:  # LiteLLM's word to its Router, around what happened
            raise error.original_exception from error

    async def asked(*arguments, **parameters):
        if request.param == "sync":
            return await asyncio.to_thread(composite_llm.completion, *arguments, **parameters)
        door = composite_llm.acompletion if request.param == "async" else streamed
        return await door(*arguments, **parameters)

    return asked
