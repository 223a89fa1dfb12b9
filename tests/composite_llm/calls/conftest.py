"""Model servers that are slow or broken where a test wants it, asked synchronously and asynchronously."""

import asyncio
from contextlib import ExitStack

import pytest

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


@pytest.fixture(params=["sync", "async"])
def ask(request):
    """Await `ask(model, messages, …)`: the same request through each of the two doors."""

    async def asked(*arguments, **parameters):
        if request.param == "sync":
            return await asyncio.to_thread(composite_llm.completion, *arguments, **parameters)
        return await composite_llm.acompletion(*arguments, **parameters)

    return asked
