"""What code gave a function of the REPL, checked: it is whatever a model has made up."""

from typing import Any

from composite_llm.sandbox import ToldToCode

MOST_PROMPTS = 1_000
"""In one batch: more is a slip in a loop."""


def text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ToldToCode(f"{name} takes a text, not {type(value).__name__}")
    if not value.strip():
        raise ToldToCode(f"{name} was given an empty text")
    return value


def texts(name: str, values: Any) -> list[str]:
    if not isinstance(values, list | tuple) or len(values) > MOST_PROMPTS:
        raise ToldToCode(f"{name} takes a list of at most {MOST_PROMPTS} texts")
    return [text(name, value) for value in values]


def whole(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ToldToCode(f"{name} takes whole numbers, not {value!r:.80}")
    return value
