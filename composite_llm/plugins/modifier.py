"""`modifier`: writes something before or after each answer, or replaces words in it."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import Field

from composite_llm.plugins.pieces import HELD_BACK, Pieces
from composite_llm.plugins.plugin import Exchange, Plugin, Rewriter, Settings
from composite_llm.plugins.registry import plugin


class ModifierSettings(Settings):
    prefix: str = ""
    suffix: str = ""
    replace: dict[str, str] = Field(default={}, examples=[{"colour": "color"}])
    """Words as they are written, and what stands there instead."""


@plugin("modifier")
class Modifier(Plugin):
    Settings = ModifierSettings
    rewrites = True

    def __init__(self, settings: ModifierSettings) -> None:
        super().__init__(settings)
        longest_first = sorted(settings.replace, key=len, reverse=True)
        if longest_first and len(longest_first[0]) > HELD_BACK:
            raise ValueError(f"replace: {longest_first[0]:.40}… is longer than {HELD_BACK} characters")
        self._words = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    async def on_answer(self, exchange: Exchange, text: str) -> str | None:
        return f"{self.settings.prefix}{self._replaced(text)}{self.settings.suffix}"

    def rewriter(self, exchange: Exchange) -> Rewriter | None:
        return _Framed(Pieces(self._found, self._replaced), self.settings.prefix, self.settings.suffix)

    def _found(self, text: str) -> Iterable[Any]:
        return self._words.finditer(text) if self._words else ()

    def _replaced(self, text: str) -> str:
        return self._words.sub(lambda found: self.settings.replace[found[0]], text) if self._words else text


class _Framed:
    """An answer without words, such as a tool call, stays without."""

    def __init__(self, pieces: Pieces, prefix: str, suffix: str) -> None:
        self._pieces, self._before, self._after = pieces, prefix, suffix
        self._begun = False

    def feed(self, text: str) -> str:
        before, self._before, self._begun = self._before, "", True
        return before + self._pieces.feed(text)

    def end(self) -> str:
        return self._pieces.end() + self._after if self._begun else ""
