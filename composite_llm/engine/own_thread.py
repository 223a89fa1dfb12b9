"""Work that blocks, on a thread of its own.

The loop's own threads are few and LiteLLM needs one for each call, so work that itself calls models would
wait for itself there. A daemon, so that work that never ends does not keep the process from ending.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")


async def on_own_thread(work: Callable[[], Result]) -> Result:
    """What `work()` returns or raises, with the caller's context variables. Who is cancelled does not wait.

    Work that would end the program (`sys.exit`) has failed and no more: raised on a loop, that ends the loop,
    and with it every other request.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()
    context = contextvars.copy_context()

    def settle(set_outcome: Callable[[Any], None], outcome: Any) -> None:
        if not done.cancelled():
            set_outcome(outcome)

    def body() -> None:
        try:
            set_outcome, outcome = done.set_result, context.run(work)
        except (SystemExit, KeyboardInterrupt, StopIteration) as error:  # the last one no future can hold
            set_outcome, outcome = done.set_exception, RuntimeError(f"it ended with {error!r}")
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where the result is awaited
            set_outcome, outcome = done.set_exception, error
        try:
            loop.call_soon_threadsafe(settle, set_outcome, outcome)
        except RuntimeError:  # the loop has ended meanwhile, and nobody waits
            return

    threading.Thread(target=body, name="composite_llm work", daemon=True).start()
    return await done
