"""Python functions as tools."""

import asyncio
import contextvars
import threading

import pytest

from composite_llm.tools.functions import BadArguments, read_arguments, run


async def test_functions_may_be_sync_or_async_and_one_or_one_a_name():
    async def later(city):
        await asyncio.sleep(0)
        return f"{city}: 4"

    tools = {"now": lambda city: f"{city}: 3", "later": later}
    assert await run(tools, "now", {"city": "Oslo"}) == "Oslo: 3"
    assert await run(tools, "later", {"city": "Oslo"}) == "Oslo: 4"
    assert await run(lambda name, arguments: f"{name} {arguments}", "look", {"x": 1}) == "look {'x': 1}"


async def test_an_object_whose_call_is_async_is_awaited():
    class Tools:
        async def __call__(self, name, arguments):
            return [name, arguments]

    assert await run(Tools(), "look", {"x": 1}) == '["look", {"x": 1}]'


@pytest.mark.parametrize(
    ("result", "text"), [("4 °C", "4 °C"), ({"t": 4}, '{"t": 4}'), (None, ""), (4.5, "4.5"), ([1], "[1]")]
)
async def test_results_are_text_or_json(result, text):
    assert await run({"look": lambda: result}, "look", {}) == text


async def test_a_blocking_function_leaves_the_loop_free_and_sees_the_callers_context():
    user = contextvars.ContextVar("user", default="nobody")
    user.set("me")
    pressed = threading.Event()

    def wait():
        assert pressed.wait(60)
        return user.get()

    waiting = asyncio.create_task(run({"wait": wait}, "wait", {}))
    await asyncio.sleep(0)
    pressed.set()  # by the loop, which would hang here if the function ran on it
    assert await waiting == "me"


async def test_who_is_cancelled_does_not_wait_for_a_blocking_function():
    pressed, began = threading.Event(), threading.Event()

    def wait():
        began.set()
        pressed.wait(60)

    waiting = asyncio.create_task(run({"wait": wait}, "wait", {}))
    while not began.is_set():
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    pressed.set()


async def test_what_a_function_raises_is_raised():
    def broken():
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        await run({"look": broken}, "look", {})


def test_broken_arguments_are_explained():
    assert read_arguments("") == {}
    with pytest.raises(BadArguments, match="not valid JSON"):
        read_arguments("{broken")
    with pytest.raises(BadArguments, match="must be a JSON object, not \\[1\\]"):
        read_arguments("[1]")


async def _async_exit():
    raise SystemExit(2)


def _raising(error):
    def tool():
        raise error

    return tool


@pytest.mark.parametrize(
    "tool",
    [_raising(SystemExit(2)), _raising(KeyboardInterrupt()), _raising(StopIteration()), _async_exit],
    ids=["exit", "interrupt", "stop", "async exit"],
)
async def test_a_tool_that_would_end_the_program_has_failed(tool):
    """On a loop such errors end the loop, or are never delivered, and whoever waits would do so for ever."""
    with pytest.raises(RuntimeError, match="it ended with (SystemExit|KeyboardInterrupt|StopIteration)"):
        await run({"look": tool}, "look", {})
