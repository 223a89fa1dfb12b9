"""Cells inside the process: one namespace, what they print, what they ask of the program, what goes wrong."""

import builtins
import io
import signal
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from composite_llm.sandbox.child import frames
from composite_llm.sandbox.child.errors import TimeLimit, told
from composite_llm.sandbox.output import Output
from composite_llm.sandbox.values import NotPlain, plain


class Printed(io.TextIOBase):
    """`sys.stdout` of a cell."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, text: str, /) -> int:
        return self._output.write(text)

    def writable(self) -> bool:
        return True


class Repl:
    def __init__(self, channel: int, functions: list[str], output_chars: int) -> None:
        self._channel = channel
        self._output_chars = output_chars
        self._functions = {name: self._function(name) for name in functions}
        self._namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        self._cells = 0
        self._token = ""
        self._in_code = False
        signal.signal(signal.SIGALRM, self._time_is_up)

    def serve(self) -> None:
        """Until the other side goes, or sends what it never does."""
        while True:
            try:
                message = frames.read(self._channel)
            except EOFError:
                return
            if "do" not in message:  # an answer to a call that code made behind our back
                continue
            self._token = message["token"]
            answer = getattr(self, f"_{message['do']}")(message)
            try:
                frames.write(self._channel, {"token": self._token, **answer})
            except (ValueError, MemoryError) as error:
                frames.write(self._channel, {"token": self._token, "unknown": str(error)})

    def _set(self, message: dict[str, Any]) -> dict[str, Any]:
        self._namespace[message["name"]] = message["value"]
        return {}

    def _get(self, message: dict[str, Any]) -> dict[str, Any]:
        name = message["name"]
        try:
            return {"value": plain(self._namespace[name])}
        except KeyError:
            return {"unknown": "it is not bound"}
        except Exception as error:  # noqa: BLE001 - a value's own `__str__` may raise anything
            return {"unknown": told(error, "").get("message", "")}

    def _run(self, message: dict[str, Any]) -> dict[str, Any]:
        self._cells += 1
        cell = f"<cell {self._cells}>"
        output = Output(self._output_chars)
        sys.stdout = sys.stderr = Printed(output)
        self._namespace.update(self._functions)
        error = None
        try:
            self._in_code = True
            exec(compile(message["code"], cell, "exec", dont_inherit=True), self._namespace)  # noqa: S102
            self._in_code = False
        except BaseException as raised:  # noqa: BLE001 - also what is no Exception: the cell has ended, not we
            self._in_code = False
            error = told(raised, cell)
        return {
            "error": error,
            "head": output.head,
            "tail": output.tail,
            "chars": output.chars,
            "variables": self._variables(),
        }

    def _variables(self) -> list[str]:
        return [
            str(name)
            for name, value in self._namespace.items()
            if not str(name).startswith("_")
            and name not in self._functions
            and not isinstance(value, ModuleType)
        ]

    def _function(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            return self._ask(name, args, kwargs)

        call.__name__ = call.__qualname__ = name
        return call

    def _ask(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            given = {"args": plain(args), "kwargs": plain(kwargs)}
        except NotPlain as error:
            raise TypeError(f"{name}(): {error}") from None
        self._in_code = False  # the program's time: its clock stands, and no alarm may cut a message in two
        try:
            frames.write(self._channel, {"token": self._token, "call": name, **given})
            answer = frames.read(self._channel)
        finally:
            self._in_code = True
        if "raise" in answer:
            raise getattr(builtins, answer["raise"]["type"])(answer["raise"]["message"])
        return answer["value"]

    def _time_is_up(self, _signal: int, _frame: Any) -> None:
        if self._in_code:
            raise TimeLimit("the cell has run for as long as a cell may")
