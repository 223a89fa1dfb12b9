"""What a session needs of the process that runs its cells. `monty.py` has one kind, `locked.py` another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from composite_llm.sandbox.functions import Calls
from composite_llm.sandbox.interface import CellError, LimitName
from composite_llm.sandbox.output import Output


class Gone(Exception):
    """The process has ended, or had to be ended, and all it held with it."""

    def __init__(self, reason: str, limit: LimitName | None = None) -> None:
        super().__init__(reason)
        self.limit: LimitName | None = limit


@dataclass(frozen=True, slots=True)
class Performed:
    """A cell that came to an end within the process."""

    error: CellError | None
    variables: Sequence[str]


class Interpreter(Protocol):
    """Any of its methods may raise `Gone`. Whoever is cancelled in one has ended the process."""

    backend: str

    async def start(self) -> None:
        """A new process with nothing in it. SandboxUnavailable where there can be none."""
        ...

    async def bind(self, name: str, value: Any) -> None:
        """Gone where it does not fit."""
        ...

    async def value(self, name: str) -> Any:
        """A plain value, or KeyError with why there is none."""
        ...

    async def perform(self, code: str, output: Output, calls: Calls) -> Performed:
        """Run a cell, answering what it calls."""
        ...

    async def end(self) -> None:
        """Also where it has not started, or has ended."""
        ...
