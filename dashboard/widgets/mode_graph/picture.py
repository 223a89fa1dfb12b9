"""A mode's graph with everything in its place, in pixels from the upper left corner."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """One who is asked, beside others."""

    model: str
    role: str
    times: int


@dataclass(frozen=True, slots=True)
class Box:
    id: str
    shape: str
    """`pill`, `step`, `parallel`, `if`, `loop`."""
    name: str
    kind: str
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0
    cards: Sequence[Card] = ()
    across: int = 1
    """Cards in a row."""
    condition: str = ""
    max_rounds: int | None = None
    final: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    points: Sequence[tuple[float, float]]
    label: str = ""
    style: str = "reads"
    """`reads`; `branch`: what an `if` may go on with; `condition`; `again`: back to the top of a loop."""


@dataclass(frozen=True, slots=True)
class Picture:
    width: float
    height: float
    boxes: Sequence[Box]
    lines: Sequence[Line]
