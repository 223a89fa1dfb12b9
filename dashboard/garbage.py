"""Python's search for cycles of garbage, kept out of the way for a moment.

It starts again and again while many objects are made, and looks at all of them; where none is garbage, as in the
rows of a long trace, that takes a third of the time and finds nothing.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def kept() -> Generator[None]:
    """For the length of one computation. Another thread that ends one first only lets the search begin again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
