"""A session: what all sandboxes do alike around the process that runs the cells."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Self

from composite_llm.sandbox.functions import Calls, CallsExhausted, check_name
from composite_llm.sandbox.interface import (
    CellError,
    CellResult,
    HostFunction,
    Limits,
    SandboxUnavailable,
)
from composite_llm.sandbox.interpreter import Gone, Interpreter, Performed
from composite_llm.sandbox.output import Output
from composite_llm.sandbox.values import plain


class ReplSession:
    """One process, exchanged for a new one when it has to be ended; then it is told anew what was set from outside."""

    def __init__(
        self, interpreter: Interpreter, limits: Limits, functions: Mapping[str, HostFunction]
    ) -> None:
        self._interpreter = interpreter
        self._limits = limits
        self._functions = functions
        self._set: dict[str, Any] = {}
        self._variables: tuple[str, ...] = ()
        self._untold: tuple[str, ...] = ()
        """Names lost since the last cell."""
        self._closed = False

    @property
    def backend(self) -> str:
        return self._interpreter.backend

    async def run(self, code: str) -> CellResult:
        self._check_open()
        output, calls = Output(self._limits.output_chars), Calls(self._functions, self._limits.host_calls)
        started = time.perf_counter()
        try:
            performed = await self._interpreter.perform(code, output, calls)
        except (Gone, CallsExhausted) as gone:
            seconds = time.perf_counter() - started - calls.seconds
            await self._restart()
            performed = Performed(_lost_with(gone), tuple(self._set))
        except BaseException:  # a host function's, or whoever waited for it has gone: the cell cannot go on
            await self.close()
            raise
        else:
            seconds = time.perf_counter() - started - calls.seconds
        self._variables = tuple(performed.variables)
        lost, self._untold = self._untold, ()
        return CellResult(
            output.text,
            self.backend,
            performed.error,
            truncated=output.left_out > 0,
            chars_out=output.chars,
            seconds=seconds,
            host_seconds=calls.seconds,
            host_calls=calls.made,
            variables=self._variables,
            lost_vars=lost,
        )

    async def set_var(self, name: str, value: Any) -> None:
        self._check_open()
        check_name(name, self._functions)
        taken = plain(value)
        try:
            await self._interpreter.bind(name, taken)
        except Gone as gone:
            await self._restart()
            raise ValueError(f"{name}: the value cannot be held: {gone}") from None
        self._set[name] = taken

    async def get_var(self, name: str) -> Any:
        self._check_open()
        try:
            return await self._interpreter.value(name)
        except Gone as gone:
            await self._restart()
            raise KeyError(f"{name}: {gone}") from None

    async def close(self) -> None:
        self._closed = True
        await asyncio.shield(self._interpreter.end())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def _restart(self) -> None:
        """A new process that knows what was set from outside; what the code had bound itself is lost."""
        self._untold += tuple(name for name in self._variables if name not in self._set)
        await self._interpreter.end()
        await self._interpreter.start()
        try:
            for name, value in self._set.items():
                await self._interpreter.bind(name, value)
        except Gone as error:
            raise SandboxUnavailable(f"The sandbox's process cannot be exchanged: {error}") from error
        self._variables = tuple(self._set)

    def _check_open(self) -> None:
        if self._closed:
            raise SandboxUnavailable("The sandbox's session is closed.")


def _lost_with(gone: Gone | CallsExhausted) -> CellError:
    if isinstance(gone, CallsExhausted):
        return CellError("RuntimeError", str(gone), limit="host_calls")
    named = {"time": "TimeoutError", "memory": "MemoryError"}
    return CellError(named.get(gone.limit or "", "SandboxError"), str(gone), limit=gone.limit)
