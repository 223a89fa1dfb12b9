"""Listening to one streamed attempt: its words are passed on as they come, and kept."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from litellm.exceptions import MidStreamFallbackError
from openai import OpenAIError

from composite_llm import telemetry
from composite_llm.accounting.ledger import CallRecord
from composite_llm.engine.transport import Answer, AnswerStream, Outgoing, Transport, mend
from composite_llm.streaming.assembly import said_so_far, usage_so_far
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
    """All of this stream's, with the usage that readers are not given."""
    _ended: bool = False

    async def complete(self, transport: Transport, outgoing: Outgoing) -> Answer:
        """Like the transport's own, with every chunk passed on. Raises LiteLLM's exceptions."""
        self.sink.final_begins()
        telemetry.write_streamed(outgoing.span)
        began = time.monotonic()
        coming = await transport.stream(outgoing)
        if isinstance(coming, Answer):
            return coming
        self._chunks = coming.chunks
        async with aclosing(coming):
            await self._listen(coming, outgoing.span, began)
        answer = coming.ended()
        self._ended = True
        return answer

    async def _listen(self, stream: AnswerStream, span: Span, began: float) -> None:
        heard, broken = False, None
        try:
            async for chunk in stream:
                for choice in [choice for each in (chunk, *self._chunks[-1:]) for choice in each.choices]:
                    mend(choice.delta)  # LiteLLM keeps a copy of its own
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
        return replace(record, usage=usage_so_far(self._chunks) or record.usage, refused=False)


def says_something(delta: Any) -> bool:
    return any(getattr(delta, name, None) for name in _SAYING)
