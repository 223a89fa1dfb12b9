"""The process behind `locked` and `unsafe_local`: started, spoken to, ended. Nothing it says is trusted."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from composite_llm.engine.own_thread import on_own_thread
from composite_llm.sandbox.child import frames
from composite_llm.sandbox.interface import Limits, SandboxUnavailable
from composite_llm.sandbox.interpreter import Gone

START = "import sys; sys.path.append(sys.argv[1]); from composite_llm.sandbox.child.main import main; main()"
"""Behind the standard library, so that nothing installed there stands in for a module of that."""

SECONDS_TO_START = 60.0
"""A machine may be very busy; a process that says nothing for so long will not."""


class Process:
    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process, self._reader, self._writer = process, reader, writer

    @classmethod
    async def start(cls, limits: Limits, functions: Sequence[str], *, unlocked: bool) -> "Process":
        """A process that has locked itself up, or SandboxUnavailable with what it says."""
        asked = {
            "memory_mb": limits.memory_mb,
            "processor_s": limits.processor_s,
            "output_chars": limits.output_chars,
            "functions": list(functions),
            "unlocked": unlocked,
        }
        ours, theirs = socket.socketpair()
        with theirs, tempfile.TemporaryDirectory(prefix="composite_llm_") as empty:
            reader, writer = await asyncio.open_connection(sock=ours)
            try:
                process = cls(_started(asked, theirs, empty), reader, writer)
            except OSError as error:
                writer.close()
                raise SandboxUnavailable(f"The sandbox's process cannot be started: {error}") from error
            greeting = await process.greeting()
        if "ready" not in greeting:
            await process.end()
            raise SandboxUnavailable(f"The sandbox's process cannot be used: {greeting.get('refused')}")
        return process

    async def greeting(self) -> dict[str, Any]:
        """What it says first: that it is ready, or why not."""
        try:
            async with asyncio.timeout(SECONDS_TO_START):
                return await self.receive()
        except (Gone, TimeoutError) as error:
            return {"refused": str(error) or "it does not answer"}
        except BaseException:
            await self.end()
            raise

    async def send(self, message: dict[str, Any]) -> None:
        try:
            self._writer.write(frames.encoded(message))
            await self._writer.drain()
        except OSError as error:
            raise await self._gone() from error

    async def receive(self) -> dict[str, Any]:
        try:
            size = int.from_bytes(await self._reader.readexactly(frames.HEADER), "big")
            if size > frames.LONGEST:
                raise Gone(f"it sent {size:,} bytes at once, and {frames.LONGEST:,} is the most")
            return frames.decoded(await self._reader.readexactly(size))
        except (asyncio.IncompleteReadError, OSError) as error:
            raise await self._gone() from error
        except ValueError as error:
            raise Gone(f"it sent what cannot be read: {error}") from error

    def interrupt(self) -> None:
        """Its cell's time is up: it is asked to stop."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGALRM)

    async def end(self) -> None:
        """Kill it with all that is of its group, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await on_own_thread(self._process.wait)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _gone(self) -> Gone:
        try:
            code = await on_own_thread(lambda: self._process.wait(timeout=1))
        except subprocess.TimeoutExpired:
            return Gone("its process has closed the connection")
        if code == -signal.SIGXCPU:
            return Gone("its process has used the processor time it may", "processor")
        return Gone(
            f"its process was ended by {signal.Signals(-code).name}" if code < 0 else "its process has ended"
        )


def _started(asked: dict[str, Any], channel: socket.socket, folder: str) -> subprocess.Popen[bytes]:
    """An interpreter without environment, site packages and open files, in a group and an empty folder of its own;
    the folder is removed while it is in it."""
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-X", "utf8", "-c", START, str(root), json.dumps(asked)],
        stdin=channel.fileno(),
        stdout=channel.fileno(),
        stderr=subprocess.DEVNULL,
        env={},
        cwd=folder,
        close_fds=True,
        start_new_session=True,
    )
