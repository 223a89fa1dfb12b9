"""Replacing what must not be kept: keys, e-mail addresses, payment cards and whatever a user's own patterns match.

The replacement says what was there: `[key]`, `[email]`, `[card]`, `[redacted]`. JSON stays JSON: it is rewritten
inside its strings, also where such a string is JSON again, as the arguments of a tool call are.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from composite_llm.redaction import json_texts
from composite_llm.redaction.cards import is_card, without_cards
from composite_llm.redaction.own_patterns import BadPatterns, OwnPattern, read_patterns
from composite_llm.redaction.shapes import names_a_secret, without_emails, without_keys

__all__ = ["BadPatterns", "Redactor", "names_a_secret", "redactor", "without_secrets"]

KEY, CARD = "[key]", "[card]"

_KEY_NAMES = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
_SHORTEST_SECRET = 8
_SHORT = 64


def without_secrets(text: str, *known: str) -> str:
    """`text` with every API key replaced: `known` ones, those of the environment, and whatever has their shape."""
    return without_keys(_without_known(text, (*known, *_secrets_of_environment())))


class Redactor:
    """Rewrites texts, and structures of them."""

    def __init__(self, own: Sequence[OwnPattern] = (), known: Sequence[str] = ()) -> None:
        self._own = own
        self._known = known
        """Secrets that are replaced wherever they stand, whatever their shape."""
        self._short = lru_cache(maxsize=8192)(self._rewritten)

    def __reduce__(self) -> tuple[Any, ...]:
        """As another process gets it: the cache stays here."""
        return Redactor, (self._own, self._known)

    def text(self, text: str, name: str = "") -> str:
        """`text` without what must not be kept. `name` is that of the field it stands in."""
        # Short texts repeat from span to span: names, roles, models.
        return self._short(text, name) if len(text) <= _SHORT else self._rewritten(text, name)

    def number(self, number: float, name: str = "") -> float | str:
        if name and names_a_secret(name):
            return KEY
        return CARD if is_card(number) else number

    def value(self, value: Any, name: str = "") -> Any:
        """`value` with every text in it rewritten, at any depth; names of fields too. Under a secret name
        no text and no number stays.

        What is none of JSON's kinds is taken as the text it will be written as.
        """
        match value:
            case str():
                return self.text(value, name)
            case None | bool():
                return value
            case int() | float():
                return self.number(value, name)
            case Mapping():
                secret = name if names_a_secret(name) else ""
                return {self.value(key): self.value(item, secret or str(key)) for key, item in value.items()}
            case list() | tuple():
                return [self.value(item, name) for item in value]
            case _:
                fields = getattr(value, "model_dump", None)  # a message as LiteLLM's own classes hold it
                return self.value(fields(), name) if callable(fields) else self.text(str(value), name)

    def _rewritten(self, text: str, name: str) -> str:
        if name and text and names_a_secret(name):
            return KEY
        if json_texts.is_json(text):
            return json_texts.rewritten(text, self)
        text = without_keys(_without_known(text, self._known))
        text = without_cards(without_emails(text))
        for pattern in self._own:
            text = pattern.without_matches(text)
        return text


def redactor(patterns: Path | None = None) -> Redactor:
    """The one for the patterns in this file, and for the secrets of this process. Raises BadPatterns."""
    return _redactor(patterns, tuple(_secrets_of_environment()))


@cache
def _redactor(patterns: Path | None, known: tuple[str, ...]) -> Redactor:
    return Redactor(read_patterns(patterns) if patterns else (), known)


def _secrets_of_environment() -> list[str]:
    return [value for name, value in os.environ.items() if name.endswith(_KEY_NAMES)]


def _without_known(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, KEY)
    return text
