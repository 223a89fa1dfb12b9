"""One event loop in a daemon thread, on which synchronous callers run the async engine.

A loop of its own per call would leave HTTP connections and LiteLLM's workers behind with
each one, and cannot be made at all inside a running loop (notebooks).
"""

import asyncio
import atexit
import contextvars
import inspect
import os
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

Result = TypeVar("Result")
Item = TypeVar("Item")

SECONDS_TO_STOP = 2.0


def run_sync(make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run `make()` to its end and return its result, with the caller's context variables."""
    if threading.current_thread() is _thread:  # a callback on our own loop calls synchronously
        return _on_a_thread_of_its_own(make)
    future = asyncio.run_coroutine_threadsafe(make(), _running_loop())
    return _result_of(future)


def start(make: Callable[[], Coroutine[Any, Any, Result]]) -> Future[Result]:
    """Run `make()` on our loop while nobody waits, in a context of its own: it belongs to no caller."""
    loop = _running_loop()
    return contextvars.Context().run(lambda: asyncio.run_coroutine_threadsafe(make(), loop))


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None = None


def iterate_sync(make: Callable[[], AsyncGenerator[Item]]) -> Generator[Item]:
    """Run `make()` and return its items as they come. Closing this, or dropping it, ends what runs for it."""
    items: queue.SimpleQueue[Item | _End] = queue.SimpleQueue()

    async def pump() -> None:
        try:
            async with aclosing(make()) as source:
                async for item in source:
                    items.put(item)
        except BaseException as error:  # whatever it is, the caller is to get it
            items.put(_End(error))
            raise
        items.put(_End())

    with _a_loop() as loop:
        future = asyncio.run_coroutine_threadsafe(pump(), loop)
        try:
            while not isinstance(item := items.get(), _End):
                yield item
            if item.error is not None:
                raise item.error
        finally:
            future.cancel()


@contextmanager
def _a_loop() -> Generator[asyncio.AbstractEventLoop]:
    """Ours; one for this use alone where a callback on ours asks for it, and so blocks it."""
    if threading.current_thread() is not _thread:
        yield _running_loop()
        return
    runner = asyncio.Runner()
    thread = threading.Thread(target=_run, args=(runner,), name="composite_llm", daemon=True)
    loop = runner.get_loop()
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS_TO_STOP)


_until_they_end: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncGenerator[None]] = WeakKeyDictionary()


async def close_clients_with_the_loop() -> None:
    """To be called on a loop before LiteLLM is: whoever runs each request by `asyncio.run` would else leave a
    connection open for every one, which LiteLLM keeps for a loop that is gone."""
    loop = asyncio.get_running_loop()
    if loop not in _until_they_end:
        _until_they_end[loop] = closing = _until_the_loop_ends(loop)
        await anext(closing)


async def _until_the_loop_ends(loop: asyncio.AbstractEventLoop) -> AsyncGenerator[None]:
    """A generator that nobody ends but the loop, which does that last, while it can still close connections."""
    try:
        yield
    finally:
        del _until_they_end[loop]
        await _close_clients()


async def _close_clients() -> None:
    """LiteLLM keeps HTTP clients by their loop's id: of a loop that ends they would stay open, and be taken for
    the clients of a later loop that has the id by chance."""
    import litellm

    own = f"-{id(asyncio.get_running_loop())}"
    clients: dict[str, Any] = litellm.in_memory_llm_clients_cache.cache_dict
    for key in [key for key in clients if key.endswith(own)]:
        client = clients.pop(key)
        closing = client.aclose() if hasattr(client, "aclose") else client.close()
        if inspect.isawaitable(closing):
            await closing


_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None
_pid = 0


def _running_loop() -> asyncio.AbstractEventLoop:
    """The loop, started when first needed and again in a forked child, where threads are gone."""
    global _loop, _thread, _pid
    with _lock:
        if _loop is None or _pid != os.getpid():
            runner = asyncio.Runner()
            _loop, _pid = runner.get_loop(), os.getpid()
            _thread = threading.Thread(target=_run, args=(runner,), name="composite_llm", daemon=True)
            _thread.start()
            atexit.register(_stop, _loop, _thread, _pid)
        return _loop


def _run(runner: asyncio.Runner) -> None:
    """Until somebody stops the loop; then what still runs on it is cancelled, not abandoned."""
    with runner:
        runner.get_loop().run_forever()


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread, pid: int) -> None:
    if pid == os.getpid():  # a forked child has inherited this, but not the thread
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS_TO_STOP)


def _result_of(future: Future[Result]) -> Result:
    try:
        return future.result()
    except BaseException:  # Ctrl-C while waiting: what runs for this caller must stop too
        future.cancel()
        raise


def _on_a_thread_of_its_own(make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    context = contextvars.copy_context()
    with ThreadPoolExecutor(max_workers=1) as executor:
        return executor.submit(context.run, asyncio.run, make()).result()
