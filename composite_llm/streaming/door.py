"""A streamed request between LiteLLM and the engine."""

import contextvars
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from composite_llm.accounting import receipts
from composite_llm.accounting.ledger import Ledger
from composite_llm.accounting.receipts import Receipt
from composite_llm.accounting.reporting import reported_usage, usage_of_failure
from composite_llm.engine.calls import Reply
from composite_llm.engine.execution import Incoming, execute
from composite_llm.streaming.chunks import Chunk, Chunks, last, used
from composite_llm.streaming.delivery import deliver
from composite_llm.streaming.sink import Sink


async def stream(
    incoming: Incoming,
    context: contextvars.Context,
    *,
    done: Callable[[Receipt], None],
    told: Callable[[Exception, Ledger], Exception],
) -> AsyncGenerator[Chunk]:
    """The answer in chunks, its usage and cost at the end. Nothing runs before the first one is asked for.

    `done` hears of the receipt before the last chunk goes out; `told` makes of an error of ours LiteLLM's.
    """
    chunks = Chunks(incoming.model, f"chatcmpl-{uuid.uuid4().hex}")
    ledger = Ledger()

    def end(reply: Reply, receipt: Receipt) -> Chunk:
        receipts.keep(chunks.id, receipt)
        done(receipt)
        return last(reply.answer.finish_reason, reported_usage(receipt))

    async def engine(sink: Sink) -> tuple[Reply, Receipt]:
        return await execute(incoming, ledger=ledger, sink=sink)

    try:
        async with aclosing(deliver(engine, chunks, end, context)) as delivered:
            async for chunk in delivered:
                yield chunk
    except Exception as error:
        if ledger.calls:
            yield used(usage_of_failure(ledger))
        raise told(error, ledger) from error
