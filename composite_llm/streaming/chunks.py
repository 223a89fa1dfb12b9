"""Chunks as the client gets them through LiteLLM's stream wrapper.

What LiteLLM 1.106 needs of a custom provider, so that it neither counts tokens itself nor loses the cost:
`ModelResponseStream`s, which keep reasoning and tool calls, and as the last one a `GenericStreamingChunk`, the
only kind whose usage it takes, with a `cost` in it. It gives the usage out where the client asked for it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import litellm
from litellm.types.utils import Delta, GenericStreamingChunk, ModelResponseStream, StreamingChoices

from composite_llm.content import Message
from composite_llm.engine.calls import Reply

REPLAYED_AT_ONCE = 80
"""Characters in one chunk of an answer that was there before it was streamed."""


Chunk = ModelResponseStream | GenericStreamingChunk


@dataclass(slots=True)
class Chunks:
    """The chunks of one stream: one id, one model, and the role once, at the start."""

    model: str
    id: str
    created: int = 0
    """Unix time of the first chunk, which is LiteLLM's for the chunks that it makes."""
    _begun: bool = False

    def of(self, chunk: Any) -> ModelResponseStream:
        """A model's chunk under this stream's name. It is copied, since LiteLLM still builds its answer of it;
        what ends a call does not end the stream."""
        choices = [
            choice.model_copy(update={"delta": self._delta(choice.delta), "finish_reason": None})
            for choice in chunk.choices
        ]
        own = {"id": self.id, "created": self.created, "model": self.model, "choices": choices, "usage": None}
        copied = chunk.model_copy(update=own)
        copied._hidden_params = {}
        return copied

    def empty(self) -> ModelResponseStream:
        """Says nothing: it keeps the connection alive."""
        return self._made(self._delta(Delta(content="")))

    def reasoning(self, text: str) -> ModelResponseStream:
        return self._made(self._delta(Delta(content=None, reasoning_content=text)))

    def replayed(self, reply: Reply) -> Iterator[ModelResponseStream]:
        """A whole answer, in chunks."""
        for index, choice in enumerate(reply.answer.choices):
            for delta in _deltas(choice.message):
                yield self._made(self._delta(Delta(**delta)), index)

    def _delta(self, delta: Delta) -> Delta:
        if self._begun:
            return delta.model_copy(update={"role": None})
        self._begun, self.created = True, int(time.time())
        return delta.model_copy(update={"role": "assistant"})

    def _made(self, delta: Delta, index: int = 0) -> ModelResponseStream:
        choice = StreamingChoices(index=index, delta=delta)
        return ModelResponseStream(id=self.id, created=self.created, model=self.model, choices=[choice])


def _deltas(message: Message) -> Iterator[dict[str, Any]]:
    """Thoughts, then words, then what the tools are called with, and last what comes in one piece anyway."""
    for name in ("reasoning_content", "content"):
        text = message.get(name) or ""
        for start in range(0, len(text), REPLAYED_AT_ONCE):
            yield {name: text[start : start + REPLAYED_AT_ONCE]}
    for position, call in enumerate(message.get("tool_calls") or ()):
        yield {"tool_calls": [{**call, "index": position}]}
    known = {"role", "content", "reasoning_content", "tool_calls"}
    if rest := {name: value for name, value in message.items() if name not in known}:
        yield rest


def last(finish_reason: str, usage: litellm.Usage) -> GenericStreamingChunk:
    return _with_usage(usage, finish_reason or "stop")


def used(usage: litellm.Usage) -> GenericStreamingChunk:
    """What a stream that breaks has used; LiteLLM notes it and gives nothing out."""
    return _with_usage(usage, "")


def _with_usage(usage: litellm.Usage, finish_reason: str) -> GenericStreamingChunk:
    return GenericStreamingChunk(
        text="",
        tool_use=None,
        is_finished=bool(finish_reason),
        finish_reason=finish_reason,
        usage=usage.model_dump(),  # pyright: ignore[reportArgumentType] - typed without its details
        index=0,
    )
