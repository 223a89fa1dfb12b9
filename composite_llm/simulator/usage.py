"""Counting tokens by a rule anyone can check by hand: four characters are one token.

A prompt counts each message's content on its own, rounded up, and nothing else: no roles, names,
tool definitions or overhead per message. An answer counts its content, or the JSON arguments of its
tool calls, plus the reasoning nobody sees.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from composite_llm.simulator.fields import as_object, optional_integer

CHARACTERS_PER_TOKEN = 4


def count_tokens(text: str) -> int:
    """ceil(characters / 4)."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def first_tokens(text: str, tokens: int) -> str:
    return text[: tokens * CHARACTERS_PER_TOKEN]


def token_pieces(text: str) -> list[str]:
    """The text cut into its tokens, for streaming."""
    return [text[i : i + CHARACTERS_PER_TOKEN] for i in range(0, len(text), CHARACTERS_PER_TOKEN)]


@dataclass(frozen=True, slots=True)
class Usage:
    prompt_tokens: int
    completion_tokens: int
    """Includes reasoning_tokens."""
    cached_tokens: int = 0
    """Included in prompt_tokens."""
    reasoning_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def as_json(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens},
            "completion_tokens_details": {"reasoning_tokens": self.reasoning_tokens},
        }


def stated_usage(stated: object, counted: Usage) -> Usage:
    """Usage a caller or a recording states, in OpenAI's shape; a total left out is filled from the count.

    Details left out are zero: where a bill is stated, no discount is made up.
    """
    fields = as_object(stated, "usage")
    prompt_details = _details(fields, "prompt_tokens_details")
    completion_details = _details(fields, "completion_tokens_details")
    prompt = optional_integer(fields, "prompt_tokens", 0)
    completion = optional_integer(fields, "completion_tokens", 0)
    return Usage(
        prompt_tokens=counted.prompt_tokens if prompt is None else prompt,
        completion_tokens=counted.completion_tokens if completion is None else completion,
        cached_tokens=optional_integer(prompt_details, "cached_tokens", 0) or 0,
        reasoning_tokens=optional_integer(completion_details, "reasoning_tokens", 0) or 0,
    )


def _details(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return {} if value is None else as_object(value, name)


def prompt_text(contents: Iterable[str]) -> str:
    """The prompt with each message filled up to whole tokens, so that token k starts at character 4k."""
    return "".join(text.ljust(count_tokens(text) * CHARACTERS_PER_TOKEN, "\0") for text in contents)
