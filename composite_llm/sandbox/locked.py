"""The sandbox `locked`: CPython, standard library and all, in a process that has locked itself up (Linux).

Landlock leaves it no files, seccomp no system calls but those for memory, time and its one open connection, and
limits of the kernel bound the rest; see `child/lock.py`. `unsafe_local` is the same process without the locks.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import Mapping
from typing import Any, cast

from composite_llm.encodable import encodable
from composite_llm.sandbox.child import landlock, seccomp
from composite_llm.sandbox.functions import TOO_MANY, Calls, Raised, check_name
from composite_llm.sandbox.interface import (
    CellError,
    HostFunction,
    LimitName,
    Limits,
    SandboxUnavailable,
)
from composite_llm.sandbox.interpreter import Gone, Performed
from composite_llm.sandbox.output import Output
from composite_llm.sandbox.process import Process
from composite_llm.sandbox.session import ReplSession
from composite_llm.sandbox.values import NotPlain, plain

GRACE_S = 1.0
"""From the moment a cell is asked to stop to its process's end."""
SECONDS_TO_BIND, SECONDS_TO_TELL = 60.0, 10.0
"""For values that go in, which may be long, and those that come out, where code of theirs may run."""
MOST_NAMES = 10_000


class LockedSandbox:
    name = "locked"

    async def open(self, limits: Limits, host_functions: Mapping[str, HostFunction]) -> ReplSession:
        if reason := unsupported():
            raise SandboxUnavailable(f"The sandbox 'locked' cannot be used here: {reason}.")
        interpreter = Cpython(self.name, limits, host_functions, unlocked=False)
        await interpreter.start()
        return ReplSession(interpreter, limits, host_functions)


def unsupported() -> str | None:
    """Why this machine cannot lock a process up; None if it can."""
    if sys.platform != "linux":
        return f"it needs Linux, and this is {sys.platform}"
    return landlock.unsupported() or seccomp.unsupported()


class Cpython:
    """The process as sessions want it. Whatever it says is checked: code may have taken it over."""

    def __init__(
        self, backend: str, limits: Limits, functions: Mapping[str, HostFunction], *, unlocked: bool
    ) -> None:
        self.backend = backend
        self._limits = limits
        self._functions = list(functions)
        self._unlocked = unlocked
        self._process: Process | None = None
        self._token = ""

    async def start(self) -> None:
        self._process = await Process.start(self._limits, self._functions, unlocked=self._unlocked)

    async def bind(self, name: str, value: Any) -> None:
        await self._ask({"do": "set", "name": name, "value": value})
        await self._answer(SECONDS_TO_BIND)

    async def value(self, name: str) -> Any:
        check_name(name, {})
        await self._ask({"do": "get", "name": name})
        answer = await self._answer(max(self._limits.cell_s, SECONDS_TO_TELL))
        if "value" not in answer:
            raise KeyError(f"{name}: {answer.get('unknown')}")
        try:
            return plain(answer["value"])
        except NotPlain as error:
            raise KeyError(f"{name}: {error}") from None

    async def perform(self, code: str, output: Output, calls: Calls) -> Performed:
        await self._ask({"do": "run", "code": plain(code)})
        left = self._limits.cell_s
        while True:
            started = time.monotonic()
            message = await self._answer(left)
            left = max(left - (time.monotonic() - started), 0.001)
            if "call" not in message:
                return _performed(message, output)
            args, kwargs = message.get("args"), message.get("kwargs")
            if not isinstance(args, list) or not isinstance(kwargs, dict):
                raise Gone("it made a call without arguments")
            answer = await calls.answer(str(message["call"]), args, kwargs)
            told = (
                {"raise": {"type": answer.type, "message": answer.message}}
                if isinstance(answer, Raised)
                else {"value": answer}
            )
            await self._running.send(told)

    async def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()

    @property
    def _running(self) -> Process:
        if self._process is None:
            raise Gone("it is not running")
        return self._process

    async def _ask(self, message: dict[str, Any]) -> None:
        """Each question has a word of its own that its answers repeat: what was prepared before is known by it."""
        self._token = secrets.token_hex(16)
        await self._running.send({"token": self._token, **message})

    async def _answer(self, seconds: float) -> dict[str, Any]:
        """The next message, which has to come in so many seconds; a little later if it is asked to stop."""
        process = self._running
        coming = asyncio.ensure_future(process.receive())
        try:
            done, _ = await asyncio.wait([coming], timeout=seconds)
            if not done:
                process.interrupt()
                done, _ = await asyncio.wait([coming], timeout=GRACE_S)
            if not done:
                raise Gone("the cell did not stop when its time was up, and its process was ended", "time")
            message = coming.result()
        finally:
            coming.cancel()
        if message.get("token") != self._token:
            raise Gone("it sent what belongs to no question")
        return message


def _performed(message: dict[str, Any], output: Output) -> Performed:
    """A cell's end, as the process tells it. Gone where it tells none."""
    message = encodable(message)
    try:
        output.take(str(message["head"]), str(message["tail"]), int(message["chars"]))
        error = None if message["error"] is None else _error(message["error"])
        return Performed(error, [str(name)[:200] for name in message["variables"][:MOST_NAMES]])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Gone("it sent a result that is none") from error


def _error(told: Mapping[str, Any]) -> CellError:
    line, limit = told["line"], told["limit"]
    message = str(told["message"])
    if message.startswith(TOO_MANY):
        limit = "host_calls"
    known = ("time", "memory", "output", "recursion", "host_calls")
    return CellError(
        str(told["type"])[:200],
        message[:10_000],
        line if type(line) is int else None,
        cast(LimitName, limit) if limit in known else None,
    )
