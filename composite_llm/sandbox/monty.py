"""The sandbox `monty`: pydantic-monty, a Python interpreter of its own in a worker process with an empty
environment. It has no files, sockets or processes to offer, and no way from a value to the machine below.

Not all of Python runs there: `fallback.py` takes over what does not.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from composite_llm.engine.own_thread import on_own_thread
from composite_llm.sandbox.functions import Calls, Raised, check_name
from composite_llm.sandbox.interface import HostFunction, Limits, SandboxUnavailable
from composite_llm.sandbox.interpreter import Gone, Performed
from composite_llm.sandbox.monty_errors import cell_error, exception_of, output_error
from composite_llm.sandbox.output import Output
from composite_llm.sandbox.session import ReplSession
from composite_llm.sandbox.values import NotPlain, plain

if TYPE_CHECKING:
    import pydantic_monty

Result = TypeVar("Result")

HOST = "_host"
"""The module the functions are imported from before each cell, so that none stays overwritten."""

VARIABLES = "[name for name, value in locals().items() if str(type(value)) != \"<class 'module'>\"]"


class MontySandbox:
    name = "monty"

    async def open(self, limits: Limits, host_functions: Mapping[str, HostFunction]) -> ReplSession:
        interpreter = Monty(limits, host_functions)
        try:
            await interpreter.start()
        except BaseException:
            await interpreter.end()
            raise
        return ReplSession(interpreter, limits, host_functions)


class Monty:
    """One worker. Its calls block, so each is made on a thread of its own: the library's asynchronous half leaves
    threads behind that abort the program when it ends (1.4.0 did in four ends of ten)."""

    backend = "monty"

    def __init__(self, limits: Limits, functions: Mapping[str, HostFunction]) -> None:
        self._limits = limits
        self._functions = list(functions)
        self._variables: list[str] = []
        self._pool: pydantic_monty.Monty | None = None
        self._worker: pydantic_monty.MontySession | None = None
        self._pid: int | None = None

    async def start(self) -> None:
        await self._step(self._open)

    async def bind(self, name: str, value: Any) -> None:
        import pydantic_monty

        try:
            await self._step(lambda: self._running.feed_run("None", inputs={name: value}))
        except pydantic_monty.MontyError as error:
            raise Gone(str(error)) from error  # what does not fit may have ended it

    async def value(self, name: str) -> Any:
        import pydantic_monty

        check_name(name, {})
        try:
            return plain(await self._step(lambda: self._running.feed_run(name)))
        except (pydantic_monty.MontyError, NotPlain, RecursionError) as error:
            raise KeyError(f"{name}: {error}") from None

    async def perform(self, code: str, output: Output, calls: Calls) -> Performed:
        import pydantic_monty

        error = None
        try:
            await self._step(self._bind_functions)
            await self._perform(plain(code), output, calls)
        except pydantic_monty.MontyError as failure:
            error = cell_error(failure) if output.flooded is None else output_error(output.flooded)
        try:
            return Performed(error, await self._names())
        except Gone as gone:
            raise (Gone(error.message, error.limit) if error else gone) from gone

    async def end(self) -> None:
        pool, worker, self._pool, self._worker = self._pool, self._worker, None, None
        if pool is not None:
            await on_own_thread(lambda: _end(pool, worker))

    async def _perform(self, code: str, output: Output, calls: Calls) -> None:
        """The worker stops at every call and waits for its answer."""
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
        try:
            import pydantic_monty

            pool = pydantic_monty.Monty(min_processes=1, max_processes=1)
            self._pool = pool.__enter__()
        except Exception as error:  # not there for this machine, or its worker is not
            raise SandboxUnavailable(
                f"The sandbox 'monty' cannot be used here: its worker does not start ({error})."
            ) from error
        functions = pydantic_monty.ExternalModule(dict.fromkeys(self._functions, _answered_by_us))
        self._worker = self._pool.checkout(
            limits={
                "max_feed_duration_secs": self._limits.cell_s,
                "max_memory": self._limits.memory_mb * 2**20,
                "max_suspensions": 2**31 - 1,  # of a whole session; `Calls` counts those of a cell
            },
            # The same cell comes to the same again, here and in the process it may be moved to.
            os_policy={"sleep": "zero", "random_start": {"seed": 0}},
            external_modules={HOST: functions},
        ).__enter__()
        self._pid = self._worker.worker_pid

    @property
    def _running(self) -> "pydantic_monty.MontySession":
        if self._worker is None:
            raise Gone("it is not running")
        return self._worker

    def _bind_functions(self) -> None:
        if self._functions:
            self._running.feed_run(f"from {HOST} import {', '.join(self._functions)}")

    async def _names(self) -> list[str]:
        """What the session holds, or what it held last where code has overwritten what tells."""
        import pydantic_monty

        with suppress(pydantic_monty.MontyRuntimeError):
            told = plain(await self._step(lambda: self._running.feed_run(VARIABLES)))
            if isinstance(told, list):
                names = map(str, told)
                self._variables = [n for n in names if not n.startswith("_") and n not in self._functions]
        return self._variables

    async def _step(self, work: Callable[[], Result]) -> Result:
        """What `work` comes to on a thread of its own. Whoever is cancelled leaves no thread that is still at it."""
        import pydantic_monty

        step = asyncio.ensure_future(on_own_thread(work))
        try:
            return await asyncio.shield(step)
        except RecursionError:
            raise
        except (
            pydantic_monty.MontyCrashedError,
            RuntimeError,
        ) as crash:  # the second where it was gone before
            raise Gone(f"the interpreter's process is gone: {crash}") from crash
        except asyncio.CancelledError:
            if self._pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(self._pid, signal.SIGKILL)
            await asyncio.wait([step])
            step.exception()
            raise


def _end(pool: "pydantic_monty.Monty", worker: "pydantic_monty.MontySession | None") -> None:
    if worker is not None:
        worker.__exit__(None, None, None)
    pool.__exit__(None, None, None)


def _as_result(answer: Any) -> Any:
    if isinstance(answer, Raised):
        return {"exception": exception_of(answer)}
    return {"return_value": answer}


def _answered_by_us() -> None:
    """Stands for each host function: the worker stops where one is called, and `Calls` answers."""
