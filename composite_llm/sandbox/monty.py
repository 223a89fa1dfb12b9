"""The sandbox `monty`: pydantic-monty, a Python interpreter of its own in a worker process with an empty
environment. It has no files, sockets or processes to offer, and no way from a value to the machine below.

Not all of Python runs there: `fallback.py` takes over what does not.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from composite_llm.engine.own_thread import on_own_thread
from composite_llm.sandbox.functions import Calls, CallsExhausted, Raised, check_name
from composite_llm.sandbox.interface import (
    CellError,
    CellResult,
    HostFunction,
    Limits,
    SandboxUnavailable,
)
from composite_llm.sandbox.monty_errors import cell_error, exception_of, output_error
from composite_llm.sandbox.output import Output
from composite_llm.sandbox.values import TooDeep, plain

if TYPE_CHECKING:
    import pydantic_monty

Result = TypeVar("Result")

HOST = "_host"
"""The module the functions are imported from before each cell, so that none stays overwritten."""

VARIABLES = "[name for name, value in locals().items() if str(type(value)) != \"<class 'module'>\"]"


class MontySandbox:
    name = "monty"

    async def open(self, limits: Limits, host_functions: Mapping[str, HostFunction]) -> "MontySession":
        session = MontySession(limits, host_functions)
        await session.start()
        return session


class MontySession:
    """One worker process. Its calls block, so each is made on a thread of its own: the library's asynchronous half
    leaves threads behind that abort the program when it ends (seen with 1.4.0 in four ends of ten)."""

    backend = "monty"

    def __init__(self, limits: Limits, functions: Mapping[str, HostFunction]) -> None:
        self.limits = limits
        self.functions = dict(functions)
        self._set: dict[str, Any] = {}
        self._variables: tuple[str, ...] = ()
        self._worker: pydantic_monty.MontySession | None = None
        self._pool: pydantic_monty.Monty | None = None
        self._pid: int | None = None

    async def start(self) -> None:
        await self._step(self._open)
        for name, value in self._set.items():
            await self._step(
                lambda name=name, value=value: self._running.feed_run("None", inputs={name: value})
            )

    async def run(self, code: str) -> CellResult:
        import pydantic_monty

        output, calls = Output(self.limits.output_chars), Calls(self.functions, self.limits.host_calls)
        started, error, lost = time.perf_counter(), None, ()
        try:
            await self._step(self._bind_functions)
            await self._perform(code, output, calls)
            self._variables = await self._names()
        except pydantic_monty.MontyCrashedError as crash:
            error = CellError("SandboxError", f"the process that ran the cell is gone: {crash}")
            lost = await self._restart()
        except CallsExhausted as exhausted:
            error = CellError("RuntimeError", str(exhausted), limit="host_calls")
            lost = await self._restart()
        except pydantic_monty.MontyError as failure:
            error = cell_error(failure) if output.flooded is None else output_error(output.flooded)
            self._variables = await self._names()
        except BaseException:
            await self.close()
            raise
        return CellResult(
            output.text,
            self.backend,
            error,
            truncated=bool(output.left_out),
            chars_out=output.chars,
            seconds=time.perf_counter() - started - calls.seconds,
            host_seconds=calls.seconds,
            host_calls=calls.made,
            variables=self._variables,
            lost_vars=lost,
        )

    async def set_var(self, name: str, value: Any) -> None:
        check_name(name, self.functions)
        self._set[name] = plain(value)
        await self._step(lambda: self._running.feed_run("None", inputs={name: self._set[name]}))

    async def get_var(self, name: str) -> Any:
        import pydantic_monty

        check_name(name, {})
        try:
            return plain(await self._step(lambda: self._running.feed_run(name)))
        except (pydantic_monty.MontyError, TooDeep, RecursionError) as error:
            raise KeyError(f"{name}: {error}") from None

    async def close(self) -> None:
        pool, worker, self._pool, self._worker = self._pool, self._worker, None, None
        if pool is not None:
            await asyncio.shield(on_own_thread(lambda: _end(pool, worker)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def _perform(self, code: str, output: Output, calls: Calls) -> None:
        """Run the cell to its end; the worker stops at every call and waits for its answer."""
        import pydantic_monty

        def printed(_stream: str, text: str) -> None:
            output.write(text)

        at: Any = await self._step(lambda: self._running.feed_start(code, print_callback=printed))
        while not isinstance(at, pydantic_monty.MontyComplete):
            if isinstance(at, pydantic_monty.FunctionSnapshot) and not at.is_os_function:
                name = at.function_name.removeprefix(f"{HOST}.")
                answer = await calls.answer(name, at.args, at.kwargs)
                at = await self._step(lambda at=at, answer=answer: at.resume(_as_result(answer)))
            else:  # an import, the clock, something it has not: the library knows what to say
                at = await self._step(at.resume_auto)

    def _open(self) -> None:
        import pydantic_monty

        try:
            self._pool = pydantic_monty.Monty(min_processes=1, max_processes=1).__enter__()
        except (OSError, pydantic_monty.MontyError) as error:
            reason = f"pydantic-monty cannot start its worker: {error}"
            raise SandboxUnavailable(f"The sandbox 'monty' cannot be used: {reason}") from error
        functions = pydantic_monty.ExternalModule(dict.fromkeys(self.functions, _never_called))
        self._worker = self._pool.checkout(
            limits={
                "max_feed_duration_secs": self.limits.cell_s,
                "max_memory": self.limits.memory_mb * 2**20,
                "max_suspensions": 2**31 - 1,  # of a whole session; `Calls` counts those of a cell
            },
            # The same cell comes to the same again, here and in the locked process it may be moved to.
            os_policy={"sleep": "zero", "random_start": {"seed": 0}},
            external_modules={HOST: functions},
        ).__enter__()
        self._pid = self._worker.worker_pid

    @property
    def _running(self) -> "pydantic_monty.MontySession":
        if self._worker is None:
            raise SandboxUnavailable("The session is closed.")
        return self._worker

    def _bind_functions(self) -> None:
        if self.functions:
            self._running.feed_run(f"from {HOST} import {', '.join(self.functions)}")

    async def _names(self) -> tuple[str, ...]:
        """What the session holds, or what it held last where code has overwritten what tells."""
        import pydantic_monty

        with suppress(pydantic_monty.MontyRuntimeError):
            names = await self._step(lambda: self._running.feed_run(VARIABLES))
            return tuple(name for name in names if not name.startswith("_") and name not in self.functions)
        return self._variables

    async def _restart(self) -> tuple[str, ...]:
        """A new worker with what was set from outside. The names that are lost."""
        lost = tuple(name for name in self._variables if name not in self._set)
        await self.close()
        await self.start()
        self._variables = tuple(self._set)
        return lost

    async def _step(self, work: Callable[[], Result]) -> Result:
        """What `work` comes to on a thread of its own. Whoever is cancelled leaves no thread that is still at it."""
        step = asyncio.ensure_future(on_own_thread(work))
        try:
            return await asyncio.shield(step)
        except asyncio.CancelledError:
            self._kill()
            await asyncio.wait([step])
            step.exception()
            raise

    def _kill(self) -> None:
        if self._pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)


def _end(pool: "pydantic_monty.Monty", worker: "pydantic_monty.MontySession | None") -> None:
    if worker is not None:
        worker.__exit__(None, None, None)
    pool.__exit__(None, None, None)


def _as_result(answer: Any) -> Any:
    if isinstance(answer, Raised):
        return {"exception": exception_of(answer)}
    return {"return_value": answer}


def _never_called() -> None:
    """Stands for each function: calls of them are answered by us, one by one."""
