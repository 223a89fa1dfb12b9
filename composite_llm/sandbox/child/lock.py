"""Locking the process up: all of it, or a refusal with its reason. Never less without a word."""

import errno
import os
from collections.abc import Callable
from typing import Any

from composite_llm.sandbox.child import landlock, limits, seccomp


def lock_up() -> dict[str, Any]:
    """What holds from now on. OSError where any part of it cannot be had, or does not hold when it is tried."""
    limits.end_with_parent()
    limits.give_up_rights()
    version = landlock.lock()
    _is_refused(errno.EACCES, "Landlock", "opening a folder", lambda: os.open("/", os.O_RDONLY))
    limits.no_more_files_and_processes()
    seccomp.lock()
    _is_refused(errno.EPERM, "seccomp", "making a pipe", os.pipe)
    return {"landlock": version, "seccomp": True}


def _is_refused(by: int, lock: str, what: str, attempt: Callable[[], Any]) -> None:
    try:
        attempt()
    except OSError as error:
        if error.errno == by:
            return
        raise
    raise OSError(errno.EPERM, f"{lock} is in place, yet {what} succeeds")
