"""LiteLLM as a program has it: loaded, and rid of its connections in the end."""

import asyncio

import litellm
import pytest
import pytest_asyncio
from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

import composite_llm
from composite_llm.loop_thread import run_sync


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
    clients = litellm.in_memory_llm_clients_cache.cache_dict
    kept = dict(clients)
    mine = str(id(asyncio.get_running_loop()))
    for of_this_loop in (True, False):
        clients.clear()
        clients.update({key: client for key, client in kept.items() if key.endswith(mine) == of_this_loop})
        if of_this_loop:
            await close_litellm_async_clients()
        else:
            await asyncio.to_thread(run_sync, close_litellm_async_clients)
    litellm.in_memory_llm_clients_cache.flush_cache()
