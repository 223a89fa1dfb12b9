"""The sandbox `auto`: `monty`, and where that does not know enough of Python, `locked`.

Monty lacks generators, `del`, inheritance and much of the standard library. A cell that fails there in a way that may
be for want of these is tried in a locked process that has replayed the session so far. Only if it gets further there
does the session move, for good: a mistake of the code is the same mistake in both.

A replay, and not copies of the variables: functions, classes and imports cannot be copied. What host functions have
answered is answered again from memory, so no call is made, or paid for, twice; `random` is seeded alike in both. A
replay that asks what was never asked (since it read the clock, say) or fails where it had not is given up, and
Monty's error stands. Cells that ran into a limit are not replayed; what only they had bound is in `lost_vars`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from composite_llm.sandbox.interface import (
    CellError,
    CellResult,
    HostFunction,
    Limits,
    Sandbox,
    SandboxUnavailable,
    Session,
)
from composite_llm.sandbox.locked import LockedSandbox, unsupported
from composite_llm.sandbox.monty import MontySandbox
from composite_llm.sandbox.recording import Journal, Recorder, ReplayStrayed
from composite_llm.sandbox.values import plain

MAYBE_MISSING = {
    "AttributeError",
    "ImportError",
    "ModuleNotFoundError",
    "NameError",
    "NotImplementedError",
    "RuntimeError",
    "SyntaxError",
    "TypeError",
    "ValueError",
}
"""Kinds of errors that what Monty has not can come to."""


class AutoSandbox:
    """Monty, with a locked process to fall back on where the machine can lock one up."""

    name = "auto"

    async def open(self, limits: Limits, host_functions: Mapping[str, HostFunction]) -> Session:
        if unsupported():
            return await MontySandbox().open(limits, host_functions)
        recorder = Recorder(host_functions)
        try:
            session = await MontySandbox().open(limits, recorder.functions)
        except SandboxUnavailable:
            return await LockedSandbox().open(limits, host_functions)
        return FallingBack(session, LockedSandbox(), limits, recorder)


REPEATABLE = (None, "recursion")
"""Limits that a replay may run into: any other would take all its time or memory again."""


@dataclass(frozen=True, slots=True)
class Binding:
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Cell:
    code: str
    journal: Journal
    failed: bool


class Strayed(Exception):
    """A replay did not come to the same."""


@dataclass(slots=True)
class FallingBack:
    """A session that may move, once."""

    _session: Session
    _elsewhere: Sandbox | None
    """None: it has moved, or cannot."""
    _limits: Limits
    _recorder: Recorder
    _past: list[Binding | Cell] = field(default_factory=list[Binding | Cell])
    """What was bound and run, in order: all that a replay needs."""

    @property
    def backend(self) -> str:
        return self._session.backend

    async def run(self, code: str) -> CellResult:
        if self._elsewhere is None:
            return await self._session.run(code)
        journal = Journal()
        self._recorder.record(journal)
        result = await self._session.run(code)
        if result.error and result.error.limit is None and result.error.type in MAYBE_MISSING:
            try:
                result = await self._tried(self._elsewhere, code, journal, result, result.error)
            except BaseException:
                await self.close()
                raise
        self._remember(Cell(code, journal, result.error is not None), result)
        return result

    async def set_var(self, name: str, value: Any) -> None:
        await self._session.set_var(name, value)
        if self._elsewhere is not None:
            self._past.append(Binding(name, plain(value)))

    async def get_var(self, name: str) -> Any:
        return await self._session.get_var(name)

    async def close(self) -> None:
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def _remember(self, cell: Cell, result: CellResult) -> None:
        if self._elsewhere is None:
            return
        error = result.error
        ended = error is not None and error.type == "SandboxError"
        if ended or result.lost_vars:
            self._past = [step for step in self._past if isinstance(step, Binding)]
        if not ended and (error is None or error.limit in REPEATABLE):
            self._past.append(cell)

    async def _tried(
        self, elsewhere: Sandbox, code: str, journal: Journal, failed: CellResult, error: CellError
    ) -> CellResult:
        """What the cell comes to there, if it gets further and so the session has moved; else `failed`."""
        try:
            other = await elsewhere.open(self._limits, self._recorder.functions)
        except SandboxUnavailable:
            self._elsewhere = None
            return failed
        moved = False
        try:
            await self._replay(other)
            self._recorder.resume(journal)
            result = await other.run(code)
            moved = not result.lost_vars and (self._recorder.made > 0 or _is_further(result.error, error))
        except (ReplayStrayed, Strayed, ValueError):  # the last: what was set does not fit there
            return failed
        finally:
            if not moved:
                await other.close()
        if not moved:
            return failed
        await self._session.close()
        self._session, self._elsewhere = other, None
        self._past.clear()
        self._recorder.record(None)
        lost = tuple(name for name in failed.variables if name not in result.variables)
        return replace(result, lost_vars=lost, host_seconds=result.host_seconds + failed.host_seconds)

    async def _replay(self, other: Session) -> None:
        for step in self._past:
            if isinstance(step, Binding):
                await other.set_var(step.name, step.value)
                continue
            self._recorder.replay(step.journal)
            again = await other.run(step.code)
            if again.lost_vars or (again.error and not step.failed):
                raise Strayed


def _is_further(there: CellError | None, here: CellError) -> bool:
    if there is None or there.type != here.type:
        return True
    return there.line != here.line and here.type != "SyntaxError"  # they may blame different lines
