"""LiteLLM as a program has it: loaded, and rid of its connections in the end."""

import asyncio

import pytest
import pytest_asyncio

import composite_llm
from composite_llm.engine import loop_thread
from tests.clock import CLOCK


@pytest.fixture(scope="session", autouse=True)
def _litellm_is_loaded(model_server, _span_memory):
    """It loads much with its first call, and some tests have deadlines."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COMPOSITE_LLM_SIMULATOR", model_server.url)
        composite_llm.register()
        composite_llm.completion(
            "composite/direct/sim/openai/gpt-4o", [{"role": "user", "content": "Hello?"}]
        )


@pytest_asyncio.fixture(scope="module", autouse=True)
async def _connections_are_closed():
    """LiteLLM keeps a client for each server and loop, and forgets the oldest of 200 without closing them."""
    yield
    await loop_thread._close_clients()
    await asyncio.to_thread(loop_thread.run_sync, loop_thread._close_clients)


@pytest_asyncio.fixture
async def clock():
    """`with clock.passing(seconds, once=…):` lets time go by in an instant."""
    CLOCK.loop = asyncio.get_running_loop()
    return CLOCK
