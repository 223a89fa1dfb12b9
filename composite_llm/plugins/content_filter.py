"""`content_filter`: keeps patterns out of prompts, out of answers, or out of both.

Of composites at every door, of asynchronous calls, and of all chat completions in the proxy. A synchronous call of a
plain model (`litellm.completion(model="openai/…")`) passes unfiltered, as LiteLLM 1.106 has no hook that could change
it, and so does its answer when it is streamed outside the proxy. At `/v1/messages` and `/v1/responses` plain models
pass unfiltered where LiteLLM asks the provider in these terms. The log says so, each time for the first such call.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Literal

import regex
from pydantic import Field, field_validator

from composite_llm.content import Message
from composite_llm.plugins.pieces import Pieces
from composite_llm.plugins.plugin import Exchange, Plugin, Refused, Rewriter, Settings
from composite_llm.plugins.registry import plugin

SECONDS_FOR_A_TEXT = 2.0
"""A pattern that takes longer would hold up every request of the process."""


class FilterSettings(Settings):
    patterns: list[str] = Field(min_length=1)
    """Regular expressions; letters match in either case."""
    direction: Literal["in", "out", "both"] = "both"
    action: Literal["mask", "refuse"] = "mask"
    """`mask` writes `replacement` in a match's place. `refuse`: a prompt that matches is refused before anything
    is asked, and instead of an answer that matches the client gets `notice`."""
    replacement: str = "[filtered]"
    notice: str = "The answer was withheld by a content filter."

    @field_validator("patterns")
    @classmethod
    def _compiles(cls, patterns: list[str]) -> list[str]:
        for pattern in patterns:
            try:
                found = regex.compile(pattern).search("")
            except regex.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
            if found:
                raise ValueError(f"{pattern!r} matches the empty text, so it would match everywhere")
        return patterns


@plugin("content_filter")
class ContentFilter(Plugin):
    Settings = FilterSettings
    rewrites = True

    def __init__(self, settings: FilterSettings) -> None:
        super().__init__(settings)
        joined = "|".join(f"(?:{pattern})" for pattern in settings.patterns)
        self._pattern = regex.compile(joined, regex.IGNORECASE)

    async def on_request(self, exchange: Exchange) -> Sequence[Message] | None:
        if self.settings.direction == "out":
            return None
        changed = [self._clean(message) for message in exchange.messages]
        if changed == list(exchange.messages):
            return None
        if self.settings.action == "refuse":
            raise Refused("The prompt holds what the content filter keeps out.")
        return changed

    async def on_answer(self, exchange: Exchange, text: str) -> str | None:
        if self.settings.direction == "in":
            return None
        clean = self._without(text)
        if clean == text:
            return None
        return self.settings.notice if self.settings.action == "refuse" else clean

    def rewriter(self, exchange: Exchange) -> Rewriter | None:
        """One that refuses has to see the whole answer first."""
        if self.settings.direction == "in":
            return Pieces(lambda _: (), lambda text: text)
        return None if self.settings.action == "refuse" else Pieces(self._matches, self._without)

    def _without(self, text: str) -> str:
        """What takes too long to look through does not pass."""
        try:
            return self._pattern.sub(lambda _: self.settings.replacement, text, timeout=SECONDS_FOR_A_TEXT)
        except TimeoutError as error:
            self.failed("a pattern", error)
            return self.settings.replacement

    def _matches(self, text: str) -> Iterator[Any]:
        with suppress(TimeoutError):  # `_without` will find out, too
            yield from self._pattern.finditer(text, timeout=SECONDS_FOR_A_TEXT)

    def _clean(self, value: Any) -> Any:
        """Texts at any depth: content parts, arguments of tool calls."""
        match value:
            case str():
                return self._without(value)
            case dict():
                return {
                    name: part if name in _NOT_TEXT else self._clean(part) for name, part in value.items()
                }
            case list():
                return [self._clean(part) for part in value]
            case _:
                return value


_NOT_TEXT = frozenset({"role", "type", "id", "tool_call_id", "url", "data"})
