"""How a node came to its end."""

from dataclasses import dataclass
from typing import Literal

from composite_llm.errors import CallFailed

How = Literal[
    "answer",
    "submit",
    "final",
    "final_var",
    "said",
    "iterations",
    "calls",
    "budget",
    "timeout",
    "cancelled",
    "error",
]
"""How a node ended: by its `answer` dict, by SUBMIT, by a tag in its words, by words alone where it acts through
tools; or without an answer, because the turns, the sub-calls, the budget or the time were used up, nobody wanted it
any more, or its model could not be asked."""


@dataclass(frozen=True, slots=True)
class Ended:
    text: str | None
    """None where it came to no answer of its own."""
    how: How
    failed: CallFailed | None = None
    """Why its model could not be asked."""
