"""Attributes as typed values, or None where a sender wrote something else.

What does not fit a column is not lost: the `attributes` column keeps it as it came.
"""

import orjson

from collector.spans.attribute_values import Attributes, Value

LARGEST_COUNT = 10**12
"""Larger numbers are a sender's mistake; left in, a few of them would overflow every sum."""


def as_json(value: Value) -> str:
    return orjson.dumps(value).decode()


def text(attributes: Attributes, *keys: str) -> str | None:
    """The first of `keys` that holds text."""
    for key in keys:
        if found := as_text(attributes.get(key)):
            return found
    return None


def as_text(value: Value) -> str | None:
    return value if isinstance(value, str) and value else None


def count(attributes: Attributes, *keys: str) -> int | None:
    """The first of `keys` that holds a whole number."""
    for key in keys:
        if (found := as_count(attributes.get(key))) is not None:
            return found
    return None


def as_count(value: Value) -> int | None:
    """A whole number, as some senders write it: 70 or 70.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT:
        return value
    return None


def amount(attributes: Attributes, *keys: str) -> float | None:
    """The first of `keys` that holds a sum of money."""
    for key in keys:
        value = attributes.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT:
            return float(value)
    return None


def texts(attributes: Attributes, key: str) -> tuple[str, ...]:
    """A list of texts, each once."""
    value = attributes.get(key)
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(item for item in value if isinstance(item, str) and item))


def content(attributes: Attributes, key: str) -> str | None:
    """Take a text out of the attributes; structured content is copied as JSON and stays there too."""
    value = attributes.get(key)
    if isinstance(value, str):
        del attributes[key]
        return value
    return None if value is None else as_json(value)
