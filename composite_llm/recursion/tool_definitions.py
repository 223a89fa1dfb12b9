"""The REPL's functions as tools, for models that would rather call than write code."""

from collections.abc import Mapping, Sequence
from typing import Any

_TEXT, _WHOLE, _TEXTS = (
    {"type": "string"},
    {"type": "integer"},
    {"type": "array", "items": {"type": "string"}},
)

_TOOLS: Mapping[str, tuple[str, Mapping[str, Any], Sequence[str]]] = {
    "python": ("Run code in the REPL; returns what it prints.", {"code": _TEXT}, ["code"]),
    "peek": (
        "Characters of the text from `start` on, a negative one counted from its end.",
        {"start": _WHOLE, "length": _WHOLE},
        ["start", "length"],
    ),
    "grep": (
        "Lines that match a regular expression, with their numbers.",
        {"pattern": _TEXT, "most": _WHOLE, "ignore_case": {"type": "boolean"}},
        ["pattern"],
    ),
    "read_lines": (
        "Lines by number, counted from 1, both included.",
        {"first": _WHOLE, "last": _WHOLE},
        ["first", "last"],
    ),
    "llm_query": ("Ask the sub-model, which knows nothing but this prompt.", {"prompt": _TEXT}, ["prompt"]),
    "llm_query_batched": ("Ask it several things at once.", {"prompts": _TEXTS}, ["prompts"]),
    "rlm_query": (
        "Have a question about another long text explored as you explore this one.",
        {"question": _TEXT, "context": _TEXT},
        ["question", "context"],
    ),
    "submit": ("Give your whole reply to the user, and end.", {"reply": _TEXT}, ["reply"]),
}


def definitions(*, recursing: bool) -> list[dict[str, Any]]:
    """As LiteLLM takes them."""
    return [
        {
            "type": "function",
            "function": {
                "name": name,
                "description": description,
                "parameters": {"type": "object", "properties": dict(properties), "required": list(required)},
            },
        }
        for name, (description, properties, required) in _TOOLS.items()
        if recursing or name != "rlm_query"
    ]


NAMES = tuple(_TOOLS)
