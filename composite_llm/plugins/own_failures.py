"""What a plugin's code may raise and be passed over for, and what goes through it because it is meant for others.

A plugin that ends the program (`sys.exit`) or cancels itself has failed, and no more: on an event loop either would
reach every other request. But a real Ctrl-C, and a request whose client has gone, have to get through.
"""

import asyncio
import threading

OWN = (Exception, SystemExit, KeyboardInterrupt, asyncio.CancelledError)


def meant_for_others(error: BaseException) -> bool:
    """Whether `error`, raised out of a plugin's code, is none of its own."""
    if isinstance(error, KeyboardInterrupt):  # Python raises it in the main thread alone
        return threading.current_thread() is threading.main_thread()
    return isinstance(error, asyncio.CancelledError) and _is_being_cancelled()


def _is_being_cancelled() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs here
        return False
    return task is not None and task.cancelling() > 0
