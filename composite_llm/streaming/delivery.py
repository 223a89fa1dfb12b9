"""A request whose answer is given out while it is written: the engine in a task, its words as chunks."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

from litellm.types.utils import ModelResponseStream

from composite_llm.accounting.receipts import Receipt
from composite_llm.engine.calls import Reply
from composite_llm.streaming.chunks import Chunk, Chunks
from composite_llm.streaming.sink import Note, Sink

Engine = Callable[[Sink], Coroutine[Any, Any, tuple[Reply, Receipt]]]
End = Callable[[Reply, Receipt], Chunk]


async def deliver(
    engine: Engine, chunks: Chunks, end: End, context: contextvars.Context
) -> AsyncGenerator[Chunk]:
    """The chunks of the answer, and `end`'s after them, with the sums. Raises what the engine raises.

    The engine has a task of its own, because a generator that held a span would leave it lying around in
    the context of whoever reads. When the reader goes away, so does the engine with all that it has begun.
    """
    sink = Sink()
    work = asyncio.get_running_loop().create_task(engine(sink), name="composite_llm", context=context)
    work.add_done_callback(lambda _: sink.close())
    try:
        async for chunk in _while_it_works(sink, chunks):
            yield chunk
        reply, receipt = await work
        if sink.spoke_at is None:
            for chunk in chunks.replayed(reply):
                yield chunk
        yield end(reply, receipt)
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _while_it_works(sink: Sink, chunks: Chunks) -> AsyncGenerator[ModelResponseStream]:
    while True:
        try:
            item = await sink.next()
        except TimeoutError:
            yield chunks.empty()
            continue
        if item is None:
            return
        if not isinstance(item, Note):
            yield chunks.of(item.chunk)
        elif item.text:
            yield chunks.reasoning(item.text)
