"""Answers in OpenAI's JSON: a whole completion, or the chunks of a stream."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from uuid import uuid4

from composite_llm.simulator.answers import Answer, Choice
from composite_llm.simulator.usage import token_pieces

FINGERPRINT = "simulator"


@dataclass(frozen=True, slots=True)
class Payload:
    model: str
    answer: Answer
    # Fresh for every response, also of identical requests: stores tell responses apart by it.
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def completion(self) -> dict[str, Any]:
        choices = [_choice(index, choice) for index, choice in enumerate(self.answer.choices)]
        usage = {} if self.answer.usage is None else {"usage": self.answer.usage.as_json()}
        return self._envelope("chat.completion", choices) | usage

    def chunks(self, include_usage: bool) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each chunk with the number of tokens that are out once it is sent."""
        pending = {"usage": None} if include_usage else {}
        for done, row in enumerate(zip_longest(*(_deltas(choice) for choice in self.answer.choices))):
            for index, deltas in enumerate(row):
                for delta in deltas or ():
                    yield done, self._chunk([_delta(index, delta, None)]) | pending
        for index, choice in enumerate(self.answer.choices):
            yield self.longest, self._chunk([_delta(index, {}, choice.finish_reason)]) | pending
        if include_usage and self.answer.usage is not None:
            yield self.longest, self._chunk([]) | {"usage": self.answer.usage.as_json()}

    @property
    def longest(self) -> int:
        """Visible tokens of the longest choice; the choices are written side by side."""
        return max(choice.visible_tokens for choice in self.answer.choices)

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return self._envelope("chat.completion.chunk", choices)

    def _envelope(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
            "choices": choices,
        }


def _choice(index: int, choice: Choice) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": choice.content, "refusal": None}
    if choice.reasoning:
        message["reasoning_content"] = choice.reasoning
    if choice.tool_calls:
        message |= {
            "content": choice.content or None,
            "tool_calls": [call.as_json() for call in choice.tool_calls],
        }
    return {
        "index": index,
        "message": message,
        "logprobs": _logprobs(choice),
        "finish_reason": choice.finish_reason,
    }


def _logprobs(choice: Choice) -> dict[str, Any] | None:
    """In whole answers only: streams tell none."""
    if choice.logprob is None:
        return None
    tokens = [
        {"token": piece, "logprob": choice.logprob, "bytes": list(piece.encode()), "top_logprobs": []}
        for piece in token_pieces(choice.content)
    ]
    return {"content": tokens, "refusal": None}


def _delta(index: int, delta: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _deltas(choice: Choice) -> Iterator[list[dict[str, Any]]]:
    """What a choice adds: at first its role, then with each token the deltas that come with it."""
    opening: dict[str, Any] = {"role": "assistant", "content": None if choice.tool_calls else ""}
    yield [opening, *({"reasoning_content": piece} for piece in token_pieces(choice.reasoning))]
    for piece in token_pieces(choice.content):
        yield [{"content": piece}]
    for index, call in enumerate(choice.tool_calls):
        named = call.as_json() | {"index": index, "function": {"name": call.name, "arguments": ""}}
        named_first = [{"tool_calls": [named]}]
        for piece in token_pieces(call.arguments):
            yield [*named_first, {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}]
            named_first = []
