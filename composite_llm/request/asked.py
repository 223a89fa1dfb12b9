"""What a client asks of the answer, looked at before members are paid.

It goes to the final call alone, so that its server would refuse a slip when all others have been paid. Only what
no server takes is refused here: whether a model knows a parameter, and how far it may be turned, is its own matter.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

import orjson

from composite_llm.request.client_tools import is_named, wrong_tools

Wrong = tuple[str, str]
"""The parameter, and a sentence on what is wrong with it and what to write."""

MOST_ANSWERS = 128


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _at_least(least: int) -> Callable[[Any], bool]:
    return lambda value: _whole(value) and value >= least


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _texts(value: Any) -> bool:
    return isinstance(value, str) or (_listed(value) and all(isinstance(entry, str) for entry in value))


def _listed(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "seed": (_whole, "a whole number"),
    "n": (_at_least(1), "a whole number of at least 1"),
    "max_tokens": (_at_least(1), "a whole number of at least 1"),
    "max_completion_tokens": (_at_least(1), "a whole number of at least 1"),
    "top_logprobs": (_at_least(0), "a whole number of at least 0"),
    "temperature": (lambda value: _number(value) and value >= 0, "a number of at least 0"),
    "top_p": (lambda value: _number(value) and 0 <= value <= 1, "a number from 0 to 1"),
    "presence_penalty": (_number, "a number"),
    "frequency_penalty": (_number, "a number"),
    "stop": (_texts, "a text or a list of texts"),
    "logprobs": (_flag, "True or False"),
    "parallel_tool_calls": (_flag, "True or False"),
    "logit_bias": (
        lambda value: _mapping(value) and all(map(_number, value.values())),
        "a dict with a number for each token",
    ),
    "modalities": (_texts, "a list of texts"),
    "audio": (_mapping, "a dict"),
    "extra_body": (_mapping, "a dict"),
    "web_search_options": (_mapping, "a dict"),
    "prediction": (_mapping, "a dict"),
    "thinking": (_mapping, "a dict"),
    "function_call": (
        lambda value: value in ("auto", "none") or is_named(value),
        "auto, none, or a dict with the name of a function",
    ),
    "reasoning_effort": (lambda value: isinstance(value, str | Mapping), "a text, such as 'low'"),
    "verbosity": (lambda value: isinstance(value, str), "a text, such as 'low'"),
    "service_tier": (lambda value: isinstance(value, str), "a text"),
    "functions": (
        lambda value: _listed(value) and all(is_named(entry) for entry in value),
        "a list of dicts, each with a name",
    ),
}

_FORMATS = ("text", "json_object", "json_schema")


def wrong_parameter(client: Mapping[str, Any]) -> Wrong | None:
    """The first thing no server would take, None where there is none. A parameter that is None says nothing."""
    given = {name: value for name, value in client.items() if value is not None}
    for name, (fits, kind) in _KINDS.items():
        if name in given and not fits(given[name]):
            return name, f"{name} must be {kind}, not {given[name]!r:.80}"
    if given.get("n", 1) > MOST_ANSWERS:
        return "n", f"n must be at most {MOST_ANSWERS}, not {given['n']}"
    checks = {"tools": wrong_tools, "response_format": _format, "extra_headers": _headers}
    for name, check in checks.items():
        if name in given and (wrong := check(given[name])):
            return name, wrong
    return next(((name, said) for name, value in given.items() if (said := no_json(name, value))), None)


def no_json(name: str, value: Any) -> str | None:
    """Why `value` cannot be sent to any server, None where it can."""
    try:
        orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS)
    except TypeError:  # a library that is quick, and stricter than what sends it
        try:
            json.dumps(value)
        except (TypeError, ValueError, RecursionError) as error:
            return f"{name} cannot be written as JSON: {error}"
    return None


def _format(wanted: Any) -> str | None:
    if not isinstance(wanted, Mapping):
        return None  # a class of the caller's, of which LiteLLM makes a schema; it refuses any other kind
    if wanted.get("type") not in _FORMATS:
        formats = ", ".join(_FORMATS)
        return (
            f"response_format.type must be one of {formats}, not {wanted.get('type')!r:.80}. "
            "A format that is one provider's own goes in extra_body"
        )
    if wanted["type"] != "json_schema":
        return None
    described = wanted.get("json_schema")
    if not isinstance(described, Mapping) or not isinstance(described.get("schema"), Mapping):
        return f"response_format.json_schema must hold a `schema`, which is a dict, not {described!r:.80}"
    return None


def _headers(headers: Any) -> str | None:
    if not isinstance(headers, Mapping):
        return f"extra_headers must be a dict of texts, not {headers!r:.80}"
    for name, value in headers.items():
        if not isinstance(name, str) or not name or not name.isascii() or not _is_token(name):
            return f"extra_headers: {name!r:.80} cannot be the name of a header"
        if not isinstance(value, str):  # whose value may be a key, and so is not told
            return f"extra_headers: {name} must be a text, not {type(value).__name__}"
        if not value.isascii() or not value.isprintable():
            return f"extra_headers: {name} may hold printable ASCII letters only"
    return None


def _is_token(name: str) -> bool:
    """RFC 9110, section 5.6.2."""
    return all(letter.isalnum() or letter in "!#$%&'*+-.^_`|~" for letter in name)
