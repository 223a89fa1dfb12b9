"""JSON for span attributes.

A call writes six of them, and its prompt twice: with json that was most of what recording it took.
"""

import json
from typing import Any

import orjson

_AS_JSON_DOES = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
"""Leaves what only orjson can write to json, which writes it as text."""


def json_text(value: Any) -> str:
    """`value` as JSON without spaces. What JSON knows nothing of is written as its text, and nothing is refused:
    recording a request must never be why it fails."""
    try:
        return orjson.dumps(value, option=_AS_JSON_DOES).decode()
    # Names that are no text, numbers past 64 bits, half characters, objects: rare, and json takes them all.
    except TypeError:
        return json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":"))
