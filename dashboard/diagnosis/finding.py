"""One thing that speaks against the figures, or explains them: what it means and what to do."""

from dataclasses import dataclass
from enum import IntEnum


class Weight(IntEnum):
    """How bad it is: the least first."""

    TWICE = 0
    """Totals are too high."""
    LESS = 1
    """Totals are a lower bound."""
    MAYBE = 2
    """Something may be missing from them."""
    ELSEWHERE = 3
    """Totals are right; times or the picture of a run may be wrong."""
    GOOD_TO_KNOW = 4


@dataclass(frozen=True, slots=True)
class Finding:
    weight: Weight
    title: str
    count: str
    meaning: str
    advice: str
    short: str = ""
    """As the verdict says it; empty where totals are right all the same."""
    example_trace_id: str = ""
