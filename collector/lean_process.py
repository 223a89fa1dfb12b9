"""Keeps out of the collector's process what it has no use for: pandas, numpy, Arrow's own allocator, freed memory.

pyarrow and DuckDB load them, if they can be had, only to see whether a value is one of theirs. Here that costs
50 MB, a quarter of what the process takes, and most of a second of its start.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from types import ModuleType

UNUSED = ("pandas", "numpy")
ARENAS = (-8, 2)
"""glibc's M_ARENA_MAX: each thread would keep what it freed in a pool of its own."""
LARGE = (-3, 4 * 1024 * 1024)
"""glibc's M_MMAP_THRESHOLD: what is larger goes back to the system at once. Unless told, glibc raises it with the
first large piece that is freed, and keeps them. A body of 512 spans is smaller: to get its pages anew from the
system takes longer than to read it."""
SPARE = (-1, 16 * 1024 * 1024)
"""glibc's M_TRIM_THRESHOLD: so much stays for the next body. Unless told, each is given back, and had anew."""


class _NotHere(MetaPathFinder):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname in UNUSED:
            raise ModuleNotFoundError(f"the collector runs without {fullname}", name=fullname)


def leave_out_unused() -> None:
    """For this process, as if they were not installed. Call it before anything imports pyarrow or DuckDB."""
    if not any(name in sys.modules for name in UNUSED):
        sys.meta_path.insert(0, _NotHere())
    # Arrow's default keeps what it once had; batches are short-lived here.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # Another libc than glibc has no such settings.
    with suppress(AttributeError, OSError, TypeError):
        libc = ctypes.CDLL(None)
        for setting in (ARENAS, LARGE, SPARE):
            libc.mallopt(*setting)
