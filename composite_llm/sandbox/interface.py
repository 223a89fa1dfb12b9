"""What a sandbox is to whoever has code run in it: sessions, cells, limits, results.

    async with await sandbox.open(Limits(), {"llm_query": ask}) as session:
        await session.set_var("context", text)
        result = await session.run("print(llm_query(context[:1000]))")

Values that cross are plain: None, bool, int, float, str, and lists and dicts of them. Whatever else code hands
out comes as the nearest of these (`values.plain`), so nothing that comes from it can act here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self

from composite_llm.errors import CompositeError

HostFunction = Callable[..., Awaitable[Any]]
"""What code may call by its name, as a plain function. It runs on the caller's event loop and is given plain
values. What it returns goes back as a plain value; `ToldToCode` is raised inside the code; any other exception
ends the session and is raised by `run`."""

LimitName = Literal["time", "memory", "output", "recursion", "host_calls", "processor"]


class SandboxUnavailable(CompositeError):
    """This machine cannot run that sandbox; the message says why and what to use instead."""


class ToldToCode(Exception):
    """Raised by a host function for the code to see, and to catch if it likes, as a RuntimeError."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a session may use. Each is the sandbox's own, besides what its host functions allow."""

    cell_s: float = 10.0
    """Seconds one cell may run. Time in host functions does not count: a model call takes minutes, has a
    deadline of its own, and is none of the code's doing."""
    memory_mb: int = 512
    """Megabytes (2**20 bytes) of values, and in a process of its own of all it holds."""
    output_chars: int = 10_000
    """Characters of output a cell's result holds: of longer output the beginning and the end."""
    host_calls: int = 1_000
    """Calls of host functions in one cell."""
    processor_s: float = 600.0
    """Processor seconds of all cells together."""


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a cell did not come to its end, in words for the model that wrote it."""

    type: str
    """Name of the exception's class, as `ZeroDivisionError`."""
    message: str
    line: int | None = None
    """Line of the cell, from 1; None where no single one is to blame."""
    limit: LimitName | None = None
    """Which limit was reached, if it was one."""

    def __str__(self) -> str:
        place = f" (line {self.line})" if self.line else ""
        return f"{self.type}: {self.message}{place}" if self.message else f"{self.type}{place}"


@dataclass(frozen=True, slots=True)
class CellResult:
    """What came of a cell."""

    stdout: str
    """What it printed, at most `Limits.output_chars` of it and a note of how much is left out."""
    backend: str
    """Which sandbox ran it: `monty`, `locked` or `unsafe_local`."""
    error: CellError | None = None
    """None: it ran to its end. Else what it had done until then stays done, but for `lost_vars`."""
    truncated: bool = False
    """Whether it printed more than `stdout` holds."""
    chars_out: int = 0
    """Characters it printed."""
    seconds: float = 0.0
    """Wall time the cell ran, without its host functions."""
    host_seconds: float = 0.0
    """Wall time in host functions."""
    host_calls: int = 0
    variables: tuple[str, ...] = ()
    """Names the session holds now, as far as they are the code's own: none that begins with an underscore, no
    host functions."""
    lost_vars: tuple[str, ...] = ()
    """Names that went with a process that had to be ended. Those that were set from outside are there again."""


class Session(Protocol):
    """A REPL: names that one cell binds are there for the next. One thing at a time is asked of it.

    Whoever is cancelled while a cell runs has ended the session.
    """

    @property
    def backend(self) -> str:
        """The sandbox that runs the next cell."""
        ...

    async def run(self, code: str) -> CellResult:
        """Run one cell. Whatever the code does wrong is in the result; only host functions' exceptions are raised."""
        ...

    async def set_var(self, name: str, value: Any) -> None:
        """Bind `name` to a plain value. ValueError for a name that is no identifier, or a host function's, and for a
        value that does not fit into the memory there is."""
        ...

    async def get_var(self, name: str) -> Any:
        """The plain value of `name`. KeyError where it is not bound, or cannot be told within the limits."""
        ...

    async def close(self) -> None:
        """End its process; a second time does nothing."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exception: object) -> None: ...


class Sandbox(Protocol):
    """A way to run code: `monty`, `locked`, `unsafe_local`, or `auto`, which chooses."""

    name: str

    async def open(self, limits: Limits, host_functions: Mapping[str, HostFunction]) -> Session:
        """A new session with nothing in it but the host functions. SandboxUnavailable where it cannot be."""
        ...
