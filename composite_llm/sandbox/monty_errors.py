"""Errors of pydantic-monty as results a model can read."""

import builtins
from typing import TYPE_CHECKING

from composite_llm.sandbox.functions import TOO_MANY, Raised
from composite_llm.sandbox.interface import CellError, LimitName

if TYPE_CHECKING:
    import pydantic_monty

OWN_WORDS: dict[str, tuple[str, LimitName]] = {
    "TimeoutError": ("feed time limit exceeded", "time"),
    "MemoryError": ("memory limit exceeded", "memory"),
    "RecursionError": ("maximum recursion depth exceeded", "recursion"),
    "RuntimeError": (TOO_MANY, "host_calls"),
}
"""How each limit is told: class and beginning of its message."""


def cell_error(error: "pydantic_monty.MontyError") -> CellError:
    """What a cell is said to have failed with."""
    import pydantic_monty

    if not isinstance(error, pydantic_monty.MontyRuntimeError | pydantic_monty.MontySyntaxError):
        return CellError(type(error).__name__, str(error))
    message = error.display("msg")
    type_name = error.display("type-msg").removesuffix(message).removesuffix(": ").rpartition(".")[2]
    words, limit = OWN_WORDS.get(type_name, ("", None))
    return CellError(type_name, message, _line(error), limit if message.startswith(words) else None)


def output_error(flooded: str) -> CellError:
    return CellError("OutputLimit", flooded, limit="output")


def exception_of(raised: Raised) -> BaseException:
    return getattr(builtins, raised.type)(raised.message)


def _line(error: "pydantic_monty.MontyRuntimeError | pydantic_monty.MontySyntaxError") -> int | None:
    """The deepest line within the cell itself: functions of earlier cells have lines of their own."""
    frames = error.traceback()
    return next((frame.line for frame in reversed(frames) if frame.filename == frames[0].filename), None)
