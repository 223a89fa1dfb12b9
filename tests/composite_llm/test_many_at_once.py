"""Two hundred composite requests at the same moment leave nothing behind."""

import asyncio
import gc
import os
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine.loop_thread import run_sync

AT_ONCE = 200
QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
POOLS = ("AnyIO worker thread", "litellm-logging_", "asyncio_")
"""Threads of OpenAI's client, of LiteLLM and of asyncio, which grow to limits of their own."""
SHORT = {"extra_body": {"simulator": {"content": "Air scatters blue light."}}}
GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"


@dataclass(frozen=True, slots=True)
class Left:
    tasks: Counter
    threads: Counter
    sockets: int


def left():
    names = Counter(task.get_coro().__qualname__ for task in asyncio.all_tasks())
    threads = Counter(thread.name.rstrip("0123456789") for thread in threading.enumerate())
    assert sum(threads.pop(pool, 0) for pool in POOLS) < AT_ONCE
    return Left(names, threads, sum(map(_is_socket, Path("/proc/self/fd").iterdir())))


def _is_socket(entry):
    try:
        return os.readlink(entry).startswith("socket:")
    except OSError:  # the folder's own, closed by now
        return False


async def whole(number):
    response = await composite_llm.acompletion(
        "composite/moa/" + GPT, QUESTION, proposers=[MINI], seed=number, **SHORT
    )
    assert response.choices[0].message.content


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


async def round_of_requests():
    kinds = [whole, streamed, whole, left_alone]
    await asyncio.gather(*(kinds[number % 4](number) for number in range(AT_ONCE)))


async def settled(before):
    """What is left once tasks that are ending have ended."""
    gc.collect()
    for _ in range(100):
        if (now := left()).tasks <= before.tasks and now.threads <= before.threads:
            break
        await asyncio.sleep(0.02)
    return now


async def two_rounds():
    await round_of_requests()  # opens the connections that later ones use again
    before = await settled(left())
    await round_of_requests()
    return before, await settled(before)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts sockets in Linux's own books")
def test_tasks_threads_and_sockets_are_as_many_as_before(simulator, spans):
    before, after = run_sync(two_rounds)

    assert after.tasks <= before.tasks
    assert after.threads <= before.threads
    assert after.sockets - before.sockets < AT_ONCE / 2, "a socket for every fourth request, or more"
    requests = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    assert len(requests) == 2 * AT_ONCE
    outcomes = Counter(span.attributes[c.STOP_REASON] for span in requests)
    assert outcomes["complete"] >= 2 * AT_ONCE * 3 / 4
    assert outcomes["complete"] + outcomes["cancelled"] == 2 * AT_ONCE
