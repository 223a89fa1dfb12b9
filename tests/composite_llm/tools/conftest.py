"""A model server of this test alone, asked synchronously and asynchronously, and nothing remembered."""

import asyncio

import pytest

import composite_llm
from composite_llm.caching import answers, panel
from composite_llm.simulator import Simulator
from composite_llm.tools import hidden_turns
from composite_llm.tools.registry import register_tool, unregister_tool


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Questions of this suite are alike, and so are the simulator's ids."""
    for module in (answers, panel, hidden_turns):
        module._memory.clear()


@pytest.fixture
def server(monkeypatch):
    with Simulator(speed=0) as running:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", running.url)
        composite_llm.register()
        yield running


@pytest.fixture(params=["sync", "async"])
def ask(request):
    """Await `ask(model, messages, …)`: the same request through each of the two doors."""

    async def asked(*arguments, **parameters):
        if request.param == "sync":
            return await asyncio.to_thread(composite_llm.completion, *arguments, **parameters)
        return await composite_llm.acompletion(*arguments, **parameters)

    return asked


@pytest.fixture
def search():
    """A tool of the server's own."""

    def search_handbook(query: str, most: int = 3) -> str:
        """Search the handbook."""
        return f"found {query!r} {most} times"

    yield register_tool(search_handbook)
    unregister_tool("search_handbook")
