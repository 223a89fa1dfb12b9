"""One run of a program: what it is told on stdin, what it says, and its end, with all that it has started.

It is the head of a process group of its own, and the group is killed when its run is over for whatever reason: its
answer is there, nobody wants it any more, its time is up, or this process ends.
"""

import asyncio
import atexit
import os
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import cast

MOST_OUTPUT = 32 * 2**20
"""Bytes on stdout, over a hundred times the longest answer; then it is killed."""

KEPT_OF_STDERR = 8 * 2**10
"""Bytes, the last ones: errors stand at the end."""

SECONDS_TO_END = 5.0
"""For a program that has said all, and for output that somebody still holds open when it has ended."""

_groups: set[int] = set()


class Program(asyncio.SubprocessProtocol):
    """Asyncio's own `Process` learns of an exit only when the pipes are closed, too, which a grandchild may hold."""

    def __init__(self) -> None:
        self.too_much = False
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._partial: list[bytes] = []
        self._stderr = bytearray()
        self._received = 0
        self._exited = asyncio.Event()
        self._transport: asyncio.SubprocessTransport | None = None

    @property
    def stderr(self) -> str:
        return self._stderr.decode(errors="replace")

    async def lines(self) -> AsyncGenerator[str]:
        """What it prints, until it has ended or closed its output; the last one may be half a line."""
        while (line := await self._lines.get()) is not None:
            yield line.decode(errors="replace")

    async def exit_code(self) -> int | None:
        """Negative for a signal; None where it goes on although it has nothing more to say."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS_TO_END):
                await self._exited.wait()
        return self._transport.get_returncode() if self._transport and self._exited.is_set() else None

    def tell(self, text: str) -> None:
        """All of its stdin. A program that does not read it says why by other means."""
        assert self._transport
        stdin = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
        stdin.write(text.encode())
        stdin.write_eof()

    async def end(self) -> None:
        """Kill what still runs and wait until it is gone."""
        if self._transport is None:
            return
        try:
            if not self._exited.is_set():
                _kill(self._transport.get_pid())
                await self._exited.wait()
        finally:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)
        _groups.add(self._transport.get_pid())

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self._stderr += data
            del self._stderr[:-KEPT_OF_STDERR]
            return
        self._received += len(data)
        if self._received > MOST_OUTPUT:
            self._stop_listening()
            return
        *ended, rest = data.split(b"\n")
        for line in ended:
            self._lines.put_nowait(b"".join([*self._partial, line]))
            self._partial = []
        if rest:
            self._partial.append(rest)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == 1:
            self._close_output()

    def process_exited(self) -> None:
        assert self._transport
        pid = self._transport.get_pid()
        _kill(pid)  # what it has started may be there still
        _groups.discard(pid)
        self._exited.set()
        # Whoever has left the group may hold the pipe.
        asyncio.get_running_loop().call_later(SECONDS_TO_END, self._close_output)

    def _stop_listening(self) -> None:
        if not self.too_much and self._transport:
            self.too_much = True
            self._partial = []
            _kill(self._transport.get_pid())
            self._lines.put_nowait(None)

    def _close_output(self) -> None:
        if self._partial:
            self._lines.put_nowait(b"".join(self._partial))
            self._partial = []
        self._lines.put_nowait(None)


@asynccontextmanager
async def running(
    command: Sequence[str], *, environment: Mapping[str, str], folder: str, told: str
) -> AsyncGenerator[Program]:
    """The program, from its start to its end; never through a shell. Raises OSError where it cannot be started."""
    program = Program()
    try:
        await asyncio.get_running_loop().subprocess_exec(
            lambda: program, *command, cwd=folder, env=environment, start_new_session=True
        )
        program.tell(told)
        yield program
    finally:
        await program.end()


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


@atexit.register
def _kill_all() -> None:
    for group in list(_groups):
        _kill(group)
