"""The most a call can use, before it is sent.

Input is counted by the tokenizer of OpenAI's models, which is exact for these and close for others, with images at
LiteLLM's flat rate; output is at most the call's `max_tokens`, else the longest answer the model's entry in
LiteLLM's table allows. What neither shows is not in it: fees per request, prices of a cache that is
written, an answer longer than was asked for.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import litellm
from litellm.exceptions import ModelNotMappedError

from composite_llm.accounting.prices import price_of_tokens
from composite_llm.content import Message
from composite_llm.request.route import Route

_TOKENIZER = "gpt-4o"
"""Whose tokenizer counts. LiteLLM would fetch that of some other families from the web, and wait for it."""

_SAMPLE = 1000
"""Tokens over which the price of one is taken, since tables count in millions."""


@dataclass(frozen=True, slots=True)
class Estimate:
    input_tokens: int
    answers: int
    """As many as `n` asks for."""
    longest_answer: int | None
    """Tokens; None where nothing limits it."""
    input_usd: float | None
    """None where no price is known."""
    usd_per_output: float | None

    def tokens(self, answer: int) -> int:
        return self.input_tokens + answer * self.answers

    def usd(self, answer: int) -> float:
        """Infinite where no price is known: no limit in dollars has room for that."""
        if self.input_usd is None or self.usd_per_output is None:
            return inf
        return self.input_usd + self.usd_per_output * answer * self.answers

    def longest_within(self, tokens: float, usd: float) -> float:
        """Tokens of the longest answer that fits; below zero where not even the question does."""
        by_tokens = (tokens - self.input_tokens) / self.answers
        if not self.usd_per_output:
            return by_tokens if self.usd(0) <= usd else -1.0
        return min(by_tokens, (usd - self.usd(0)) / (self.usd_per_output * self.answers))


UNCOUNTED = Estimate(0, 1, 0, 0.0, 0.0)


async def estimate(
    way: Route, messages: Sequence[Message], parameters: Mapping[str, Any], *, counted: bool
) -> Estimate:
    """What a call can use; with `counted` False, where only calls are limited, no token is looked at.

    Tokens are counted in a thread: that takes milliseconds, the first time a second, and answers are
    being awaited meanwhile.
    """
    if not counted:
        return UNCOUNTED
    input_tokens = await asyncio.to_thread(_count, list(messages), parameters.get("tools"))
    input_usd = price_of_tokens(way, input_tokens, 0)
    with_answer = price_of_tokens(way, input_tokens, _SAMPLE)
    return Estimate(
        input_tokens=input_tokens,
        answers=int(parameters.get("n") or 1),
        longest_answer=_longest_answer(way, parameters),
        input_usd=input_usd,
        usd_per_output=_difference(input_usd, with_answer),
    )


def _difference(without: float | None, with_answer: float | None) -> float | None:
    return None if without is None or with_answer is None else (with_answer - without) / _SAMPLE


def _count(messages: list[Any], tools: list[Any] | None) -> int:
    try:
        return litellm.token_counter(
            model=_TOKENIZER,
            messages=messages,
            tools=tools,
            use_default_image_token_count=True,  # else it fetches every image to measure it
        )
    except ValueError:  # content it does not know, such as a recording: rather too many than too few
        return len(str(messages)) + len(str(tools or ""))


def _longest_answer(way: Route, parameters: Mapping[str, Any]) -> int | None:
    asked = parameters.get("max_tokens") or parameters.get("max_completion_tokens")
    return int(asked) if asked else _limit_of(way)


def _limit_of(way: Route) -> int | None:
    try:
        return litellm.get_model_info(way.known_as, way.provider).get("max_output_tokens")
    except (ModelNotMappedError, litellm.BadRequestError):
        return None
