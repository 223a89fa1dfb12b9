"""Keys under which answers are kept: equal only for what is equal in every part.

A key is a hash over values that JSON can hold. What it cannot hold (a function, an object) has no
name that is sure to mean the same next time, so such a request is not kept at all.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

OF_THE_USER = (
    "user",
    "user_id",
    "user_api_key",
    "user_api_key_hash",
    "user_api_key_user_id",
    "user_api_key_team_id",
    "user_api_key_end_user_id",
)
"""Metadata that says who asks: the client's own word, and what LiteLLM's proxy puts there."""


def key_of(*parts: Any) -> str | None:
    """64 hex digits over all parts, in which the order of a mapping's keys says nothing; None if there is none."""
    try:
        text = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # also of text that is no UTF-8
        return None
    return hashlib.sha256(text).hexdigest()


def unmarked(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages without a client's marks for its provider's prompt cache. They move on with every request of a
    tool loop, and say nothing."""
    return [_unmarked(message) for message in messages]


def _unmarked(message: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in message.items() if name != "cache_control"}
    if isinstance(kept.get("content"), list):
        parts = kept["content"]
        kept["content"] = [_unmarked(part) if isinstance(part, Mapping) else part for part in parts]
    return kept


def scope_of(connection: Mapping[str, Any], metadata: Mapping[str, Any], outer: str = "") -> str:
    """Who asks, so that no answer reaches somebody else; nothing can be read back from it. `outer`: the scope of
    the request this one is part of."""
    told = {name: str(metadata[name]) for name in OF_THE_USER if metadata.get(name)}
    parts = {name: str(value) for name, value in connection.items()}
    return key_of(told, parts, outer) or ""
