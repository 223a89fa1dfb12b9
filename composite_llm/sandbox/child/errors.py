"""What a cell failed with, as the program is told."""

from typing import Any

from composite_llm.sandbox.output import OutputLimit

LONGEST = 2_000
"""Characters of a message; some hold the whole of a value."""


class TimeLimit(BaseException):
    """The cell's time is up. No Exception, so that `except Exception` does not go on."""


def told(error: BaseException, cell: str) -> dict[str, Any]:
    """Class, message, the deepest line within the cell, and which limit was reached, if it was one."""
    try:
        message = str(error.msg if isinstance(error, SyntaxError) else error)  # its place is told apart
    except Exception:  # noqa: BLE001 - an exception of the code's own
        message = ""
    return {
        "type": "TimeoutError" if isinstance(error, TimeLimit) else type(error).__name__,
        "message": message[:LONGEST],
        "line": _line(error, cell),
        "limit": _limit(error),
    }


def _limit(error: BaseException) -> str | None:
    limits = {TimeLimit: "time", OutputLimit: "output", MemoryError: "memory", RecursionError: "recursion"}
    return next((limit for kind, limit in limits.items() if isinstance(error, kind)), None)


def _line(error: BaseException, cell: str) -> int | None:
    line, at = None, error.__traceback__
    while at is not None:
        if at.tb_frame.f_code.co_filename == cell:
            line = at.tb_lineno
        at = at.tb_next
    return error.lineno if line is None and isinstance(error, SyntaxError) else line
