"""Host functions as code may call them: with plain values, as often as is allowed."""

import inspect
import keyword
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from composite_llm.sandbox.interface import HostFunction, ToldToCode
from composite_llm.sandbox.values import NotPlain, plain

TOO_MANY = "this cell has made all the calls a cell may make"


class CallsExhausted(Exception):
    """Code was told that it has no more calls, and goes on calling."""


@dataclass(frozen=True, slots=True)
class Raised:
    """What is to be raised inside the code: a built-in exception's name, and its message."""

    type: str
    message: str


@dataclass(slots=True)
class Calls:
    """The calls of one cell: counted, timed, and each answered with a plain value or with what to raise."""

    functions: Mapping[str, HostFunction]
    limit: int
    made: int = 0
    seconds: float = field(default=0.0)

    async def answer(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """A plain value or `Raised`. Whatever else the host function raises, this raises."""
        self.made += 1
        if self.made > self.limit:
            if self.made > self.limit * 2:
                raise CallsExhausted(TOO_MANY)
            return Raised("RuntimeError", f"{TOO_MANY} ({self.limit:,})")
        started = time.perf_counter()
        try:
            return await self._answer(name, args, kwargs)
        finally:
            self.seconds += time.perf_counter() - started

    async def _answer(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if name not in self.functions:
            return Raised("NameError", f"name {name!r} is not defined")
        function = self.functions[name]
        try:
            given = [plain(value) for value in args]
            named = {str(key): plain(value) for key, value in kwargs.items()}
            inspect.signature(function).bind(*given, **named)
        except (TypeError, NotPlain) as error:
            return Raised("TypeError", f"{name}(): {error}")
        try:
            return plain(await function(*given, **named))
        except ToldToCode as told:
            return Raised("RuntimeError", str(plain(str(told))))


def check_name(name: str, functions: Mapping[str, HostFunction]) -> None:
    """ValueError unless a variable may be called that."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is no name for a variable")
    if name in functions:
        raise ValueError(f"{name!r} is the name of a host function")
