"""Keys that no table knows, judged by the words they are made of: `user_prompt`, `http.request.body`, `rawInput`."""

import re
from functools import lru_cache
from typing import Final

_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_ANYWHERE: Final = frozenset(
    {
        *("prompt", "prompts", "completion", "completions", "messages", "body", "query"),
        *("input", "inputs", "output", "outputs", "question", "questions", "answer", "answers"),
    }
)
_LAST: Final = frozenset(
    {
        *("message", "msg", "content", "contents", "text", "response", "transcript", "instructions"),
        *("description", "stack", "stacktrace", "traceback"),
    }
)
_FIGURES: Final = frozenset({"token", "tokens", "usage", "cost", "costs", "price"})
_TYPED: Final = frozenset(
    {
        *("id", "ids", "model", "name", "names", "type", "types", "role", "kind", "status", "version"),
        *("format", "language", "time", "reason", "reasons"),
    }
)
"""Last words of keys that hold a word somebody chose, not a text."""


@lru_cache(maxsize=4096)
def sounds_like_content(key: str) -> bool:
    """Whether a text under this key may well be a prompt or an answer. Not for numbers."""
    words = [word.lower() for word in _WORDS.findall(key)]
    if not words or words[-1] in _TYPED or not _FIGURES.isdisjoint(words):
        return False
    return words[-1] in _LAST or not _ANYWHERE.isdisjoint(words)
