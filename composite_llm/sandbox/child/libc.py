"""Calls into the C library, which raise OSError when they fail."""

import ctypes
import functools
import os
from typing import Any


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, *arguments: Any) -> int:
    given = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in arguments]
    given += [ctypes.c_ulong(0)] * (4 - len(given))
    return _checked("prctl", _libc().prctl(ctypes.c_int(option), *given))


def syscall(what: str, number: int, *arguments: Any) -> int:
    given = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in arguments]
    return _checked(what, _libc().syscall(ctypes.c_long(number), *given))


def capset(header: Any, data: Any) -> int:
    return _checked("capset", _libc().capset(header, data))


def _checked(what: str, result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
