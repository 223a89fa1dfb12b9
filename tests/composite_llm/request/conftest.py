"""The three doors a program has."""

import asyncio

import pytest

import composite_llm


@pytest.fixture(params=["sync", "async", "streamed"])
def ask(request):
    """Await `ask(model, messages, …)`; of a stream it is the list of its chunks."""

    async def asked(*arguments, **parameters):
        if request.param == "sync":
            return await asyncio.to_thread(composite_llm.completion, *arguments, **parameters)
        if request.param == "async":
            return await composite_llm.acompletion(*arguments, **parameters)
        return [
            chunk async for chunk in await composite_llm.acompletion(*arguments, **parameters, stream=True)
        ]

    return asked
