"""A port that leads to a proxy which is started later, so that its own configuration can name it."""

import asyncio
import threading
from contextlib import asynccontextmanager, contextmanager, suppress
from urllib.parse import urlsplit


class Relay:
    target = None
    """Where it leads, as `http://host:port`; before that is known it hangs up."""
    url = ""


@contextmanager
def running_relay():
    relay, ready, loop = Relay(), threading.Event(), asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve():
        async with _listening(relay):
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(30)
        yield relay
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(30)
        loop.close()


@asynccontextmanager
async def _listening(relay):
    connected = set()

    async def forward(reader, writer):
        connected.add(asyncio.current_task())
        try:
            if relay.target:
                await _joined(reader, writer, relay.target)
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    server = await asyncio.start_server(forward, "127.0.0.1", 0)
    relay.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield
    finally:
        server.close()
        for task in connected:
            task.cancel()
        await asyncio.gather(*connected, return_exceptions=True)


async def _joined(reader, writer, target):
    there = urlsplit(target)
    inside, outside = await asyncio.open_connection(there.hostname, there.port)
    try:
        ways = [asyncio.ensure_future(_pipe(*way)) for way in ((reader, outside), (inside, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
    finally:
        outside.close()
        with suppress(OSError):
            await outside.wait_closed()


async def _pipe(reader, writer):
    while part := await reader.read(65536):
        writer.write(part)
        await writer.drain()
