"""Plain values: all that crosses between code and us. Used on both sides, so it imports next to nothing."""

from collections import deque
from typing import Any

from composite_llm.encodable import encodable

DEEPEST = 100
"""Lists within lists; JSON's reader takes no more than some hundreds."""


LONGEST_NUMBER = 14_000
"""Bits of a whole number: longer ones Python does not write down (`sys.get_int_max_str_digits`)."""


class NotPlain(ValueError):
    """A value that holds itself, has more levels than `DEEPEST`, or is a number nobody can write."""


def plain(value: Any, levels: int = DEEPEST) -> Any:
    """`value` as None, bool, int, float, str, and lists and dicts of them; what is none of these as its `str()`.

    Copies: nothing of what code made is kept. NotPlain where there is no such value.
    """
    if type(value) is int and value.bit_length() > LONGEST_NUMBER:
        raise NotPlain(f"it is a number of {value.bit_length():,} bits")
    if value is None or type(value) in (bool, int, float):
        return value
    if isinstance(value, str):
        return encodable(str(value))
    if not levels:
        raise NotPlain(f"it has more than {DEEPEST} levels, or holds itself")
    if isinstance(value, dict):
        return {key_text(key): plain(entry, levels - 1) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset | deque):
        return [plain(entry, levels - 1) for entry in value]
    return encodable(str(value))


def key_text(key: Any) -> str:
    """JSON's objects have text for keys, and so have ours, wherever code runs."""
    return encodable(str(key))
