"""Listening to one streamed attempt: its words are passed on as they come, and kept."""

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import litellm
from litellm.exceptions import MidStreamFallbackError
from openai import OpenAIError

from composite_llm import telemetry
from composite_llm.accounting.ledger import CallRecord
from composite_llm.content import Message
from composite_llm.engine import transport
from composite_llm.engine.transport import Answer
from composite_llm.request.route import Route
from composite_llm.streaming.assembly import assembled, reports_usage, said_so_far, usage_so_far
from composite_llm.streaming.sink import Sink
from composite_llm.telemetry import Span

_SAYING = (
    "content",
    "reasoning_content",
    "thinking_blocks",
    "tool_calls",
    "function_call",
    "refusal",
    "audio",
    "images",
    "annotations",
    "provider_specific_fields",
)
"""Fields of a delta that hold something to read or to do; what has none of them is a beginning or an end."""


class Overtaken(OpenAIError):
    """An attempt beside this one was the first to speak."""


@dataclass(slots=True, eq=False)
class Hearing:
    """One attempt at a call whose answer the client gets; its `span` learns when the first words came."""

    sink: Sink
    _chunks: list[Any] = field(default_factory=list[Any])
    """LiteLLM's own list of this stream's chunks, with the usage that it keeps from its reader."""
    _ended: bool = False

    async def complete(
        self, way: Route, messages: list[Message], parameters: Mapping[str, Any], timeout: float, span: Span
    ) -> Answer:
        """Like `transport.complete`, with every chunk passed on. Raises LiteLLM's exceptions."""
        self.sink.final_begins()
        telemetry.write_streamed(span)
        began = time.monotonic()
        streamed = {**parameters, "stream": True, "stream_options": {"include_usage": True}}
        response = await transport.send(way, messages, streamed, timeout)
        if not isinstance(response, litellm.CustomStreamWrapper):
            return transport.answer_of(response, way)
        self._chunks = response.chunks
        async with aclosing(response):
            if whole := await _sent_whole(response, way):
                return transport.answer_of(whole, way)
            await self._listen(response, span, began)
        if response.received_finish_reason is None and not reports_usage(self._chunks):
            message = "the stream ended before the answer did"
            raise litellm.APIConnectionError(message, llm_provider=way.provider, model=way.model)
        self._ended = True
        return assembled(self._chunks, way, response.logging_obj)

    async def _listen(self, stream: litellm.CustomStreamWrapper, span: Span, began: float) -> None:
        heard, broken = False, None
        try:
            async for chunk in stream:
                for choice in [choice for each in (chunk, *self._chunks[-1:]) for choice in each.choices]:
                    transport.mend(choice.delta)  # LiteLLM keeps a copy of its own
                if not any(says_something(choice.delta) for choice in chunk.choices):
                    continue
                if not heard:
                    heard = True
                    telemetry.write_first_chunk(span, time.monotonic() - began, datetime.now(UTC))
                if not self.sink.speak(chunk, self):
                    raise Overtaken("another attempt at this call has begun to answer")
                await asyncio.sleep(0)  # the reader's turn, where much comes in at once
                await asyncio.sleep(0)  # and a moment in which it waits: only then a web server can cancel it
        except MidStreamFallbackError as error:  # made for LiteLLM's Router; inside is what happened
            broken = error.original_exception or error
        if broken:  # raised out here it keeps its own cause, by which it is known whether it may be billed
            raise broken

    def kept(self, span: Span, record: CallRecord) -> CallRecord:
        """Of an attempt that came to no end: writes down what it said, and books what it told to have used.
        Whatever broke it off, it was taken and may be billed."""
        if self._ended or not self._chunks:
            return record
        if said := said_so_far(self._chunks):
            telemetry.write_output(span, said, as_call=True)
        return replace(record, usage=usage_so_far(self._chunks), refused=False)


def says_something(delta: Any) -> bool:
    return any(getattr(delta, name, None) for name in _SAYING)


async def _sent_whole(stream: Any, way: Route) -> litellm.ModelResponse | None:
    """The answer of a server that was asked for a stream and sent one JSON object, which OpenAI's client
    would take for a stream without a word; None for a stream."""
    http = getattr(stream.completion_stream, "response", None)
    if http is None or "application/json" not in http.headers.get("content-type", ""):
        return None
    body = await http.aread()
    try:
        answer = json.loads(body)
        answer["choices"][0]  # an error report has none, and LiteLLM would make an empty answer of it
        return litellm.ModelResponse(**answer)
    except (LookupError, TypeError, ValueError) as error:
        message = f"asked for a stream, it sent what is neither one nor a whole answer: {body[:200]!r}"
        raise litellm.APIError(502, message, way.provider, way.model) from error
