"""Text that can be sent and recorded.

JSON can hold half of a UTF-16 pair (`"\\ud83d"`), as a cut-off emoji leaves it, and Python takes it. UTF-8 has no
form of it: a request that holds one cannot be sent, and a span that does is lost with all that go out with it.
So it is mended where text comes in: from clients, from models, from tools.
"""

from typing import Any


def encodable(value: Any) -> Any:
    """`value` with U+FFFD for each lone half in its strings; itself where there is none, as is nearly always so."""
    return _mended(value) if _is_broken(value) else value


def _is_broken(value: Any) -> bool:
    if isinstance(value, str):
        return not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in set(value))
    if isinstance(value, dict):
        return any(_is_broken(name) or _is_broken(entry) for name, entry in value.items())
    return isinstance(value, list | tuple) and any(map(_is_broken, value))


def _mended(value: Any) -> Any:
    if isinstance(value, str):  # two halves in a row are a whole letter again
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_mended(name): _mended(entry) for name, entry in value.items()}
    return type(value)(map(_mended, value)) if type(value) in (list, tuple) else value
