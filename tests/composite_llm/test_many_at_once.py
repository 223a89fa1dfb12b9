"""Two hundred composite requests at the same moment leave nothing behind, nor do loops that come and go."""

import asyncio
import gc
import os
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import litellm
import pytest
from litellm.caching.evicted_client_closer import EvictedClientCloser
from litellm.caching.llm_caching_handler import LLMClientCache

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine import loop_thread
from composite_llm.engine.own_thread import on_own_thread

AT_ONCE = 200
TO_BEGIN_WITH = 20
"""Enough to start every thread and task that is there to stay."""
LOOPS = 20
QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
POOLS = ("AnyIO worker thread", "litellm-logging_", "asyncio_")
"""Threads of OpenAI's client, of LiteLLM and of asyncio, which grow to limits of their own."""
SHORT = {"extra_body": {"simulator": {"content": "Air scatters blue light."}}}
ENDLESS = {"extra_body": {"simulator": {"delay_s": 600}}}
GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="counts sockets in Linux's own books"
)


@pytest.fixture(autouse=True)
def no_others_clients(monkeypatch):
    """LiteLLM keeps clients by the id of their loop, which a loop of this test may have after one of another test's;
    and it closes those it has forgotten some time later, whenever it is asked for one."""
    own = LLMClientCache(evicted_client_closer=EvictedClientCloser())
    monkeypatch.setattr(litellm, "in_memory_llm_clients_cache", own)


@pytest.fixture(autouse=True)
def no_others_garbage(no_others_clients):
    """A client that another test has dropped unclosed complains when it is collected, which is not to be in here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "unraisablehook", lambda _: None)
        gc.collect()


async def held_by_the_process():
    """Tasks of this loop, threads and sockets, each by a name that no later one has; and LiteLLM's clients, which have
    connections of their own. Idle connections of this loop are closed."""
    clients = {f"client {key}" for key in litellm.in_memory_llm_clients_cache.cache_dict}
    await loop_thread._close_clients()
    gc.collect()
    return clients | tasks_threads_sockets()


async def left_since(before):
    """What has come since and does not go. What another test had left, and is gone by now, is not asked for."""
    left = await held_by_the_process() - before
    clients = {one for one in left if one.startswith("client ")}
    with suppress(TimeoutError):
        async with asyncio.timeout(60):
            while left:
                await asyncio.sleep(0.02)
                left = (clients | tasks_threads_sockets()) - before
    return left


def tasks_threads_sockets():
    tasks = {f"{task.get_name()} of {task.get_coro().__qualname__}" for task in asyncio.all_tasks()}
    threads = {thread.name for thread in threading.enumerate()}
    of_pools = {name for name in threads if name.startswith(POOLS)}
    assert len(of_pools) < AT_ONCE
    sockets = {name for name in map(_target, Path("/proc/self/fd").iterdir()) if name.startswith("socket:")}
    return tasks | (threads - of_pools) | sockets


def _target(entry):
    try:
        return os.readlink(entry)
    except OSError:  # the folder's own, closed by now
        return ""


async def whole(number):
    response = await composite_llm.acompletion(
        "composite/moa/" + GPT, QUESTION, proposers=[MINI], seed=number, **SHORT
    )
    assert response.choices[0].message.content


async def from_a_thread(number):
    def ask():
        return composite_llm.completion("composite/direct/" + GPT, QUESTION, seed=number, **SHORT)

    assert (await on_own_thread(ask)).choices[0].message.content


async def streamed(number):
    stream = await composite_llm.acompletion(
        "composite/direct/" + GPT, QUESTION, stream=True, seed=number, **SHORT
    )
    assert [chunk async for chunk in stream]


async def left_alone(number):
    """A client that goes away while its answer is written."""
    stream = await composite_llm.acompletion(
        "composite/direct/" + SONNET, QUESTION, stream=True, seed=number, **SHORT
    )
    await anext(stream)
    await stream.aclose()


async def given_up(number):
    """Until it is cancelled: its model is never done."""
    await composite_llm.acompletion("composite/direct/" + SONNET, QUESTION, seed=number, **ENDLESS)


async def round_of_requests(at_once, server):
    kinds = [whole, from_a_thread, streamed, left_alone]
    to_cancel = [asyncio.create_task(given_up(number)) for number in range(at_once // 5)]
    await asyncio.gather(*(kinds[number % 4](number) for number in range(at_once - len(to_cancel))))
    async with asyncio.timeout(60):
        while server.in_flight < len(to_cancel):
            await asyncio.sleep(0.01)
    for task in to_cancel:
        task.cancel()
    await asyncio.gather(*to_cancel, return_exceptions=True)


def test_no_task_thread_client_or_socket_is_left(simulator, spans):
    async def two_rounds():
        await round_of_requests(TO_BEGIN_WITH, simulator)
        before = await held_by_the_process()
        await round_of_requests(AT_ONCE, simulator)
        return await left_since(before)

    assert loop_thread.run_sync(two_rounds) == set()
    requests = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    assert len(requests) == TO_BEGIN_WITH + AT_ONCE
    outcomes = Counter(span.attributes[c.STOP_REASON] for span in requests)
    # 3 of 5 are answered, 1 of 5 is cancelled, and the one that is left alone may have been answered by then.
    assert outcomes["complete"] >= (TO_BEGIN_WITH + AT_ONCE) * 3 / 5
    assert outcomes["cancelled"] >= (TO_BEGIN_WITH + AT_ONCE) / 5
    assert outcomes["complete"] + outcomes["cancelled"] == TO_BEGIN_WITH + AT_ONCE


async def test_loops_that_come_and_go_leave_no_connection(simulator):
    """As a script has them that runs each of its requests by `asyncio.run`."""

    def one_after_the_other():
        for number in range(LOOPS):
            asyncio.run(streamed(number) if number % 2 else whole(number))

    before = await held_by_the_process()
    with ThreadPoolExecutor(max_workers=1) as elsewhere:
        await asyncio.get_running_loop().run_in_executor(elsewhere, one_after_the_other)

    assert await left_since(before) == set()
