"""Reading untrusted JSON: every accessor either returns the type it promises or refuses the request."""

from collections.abc import Mapping
from typing import Any, cast

from composite_llm.simulator.errors import RequestRefused


def bad_request(message: str, param: str | None = None) -> RequestRefused:
    return RequestRefused(400, message, param=param)


def as_object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_request(f"'{name}' must be a JSON object, not {_kind(value)}.", name)
    return cast(dict[str, Any], value)


def as_array(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise bad_request(f"'{name}' must be a JSON array, not {_kind(value)}.", name)
    return cast(list[Any], value)


def as_text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise bad_request(f"'{name}' must be a string, not {_kind(value)}.", name)
    return value


def optional_integer(fields: Mapping[str, Any], name: str, least: int) -> int | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise bad_request(f"'{name}' must be an integer of at least {least}, not {value!r}.", name)
    return value


def optional_seconds(fields: Mapping[str, Any], name: str) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 86_400:
        raise bad_request(f"'{name}' must be a number of seconds, not {value!r}.", name)
    return float(value)


def _kind(value: object) -> str:
    names = {
        "NoneType": "null",
        "str": "a string",
        "list": "an array",
        "dict": "an object",
        "bool": "a boolean",
    }
    return names.get(type(value).__name__, "a number")
