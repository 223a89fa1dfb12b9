"""An answer as server-sent events, each token sent when the model would have written it."""

import asyncio
from collections.abc import Callable

from composite_llm.simulator.connection import Connection, encoded, sleep_until
from composite_llm.simulator.payloads import Payload
from composite_llm.simulator.profiles import Timing

GRAIN_S = 0.004
"""Tokens due within this time share one write, so that hundreds of streams fit into one thread."""
LARGE = 32_768
DONE = b"data: [DONE]\n\n"
BROKEN = b'data: {"id": "chatcmpl-broken", "choi\n\n'


async def stream(
    connection: Connection,
    payload: Payload,
    times: Timing,
    started: float,
    include_usage: bool,
    fault: str | None,
    done: Callable[[], None],
) -> None:
    chunks = list(payload.chunks(include_usage))
    breaks = fault in ("malformed", "truncated", "unfinished")
    await connection.start("text/event-stream", headers={"cache-control": "no-cache"})
    waiting = b""
    for tokens, chunk in chunks[: len(chunks) // 2] if breaks else chunks:
        due = started + times.due(tokens, payload.longest)
        late = asyncio.get_running_loop().time() + GRAIN_S
        if waiting and (due > late or len(waiting) > LARGE):
            await connection.send(waiting)
            waiting = b""
        if due > late:
            await sleep_until(due)
        waiting += b"data: " + encoded(chunk) + b"\n\n"
    if breaks:
        done()
        await connection.send(waiting + (BROKEN if fault == "malformed" else b""))
        await (connection.abort() if fault == "truncated" else connection.finish())
        return
    await sleep_until(started + times.total_s)
    done()
    await connection.finish(waiting + DONE)
