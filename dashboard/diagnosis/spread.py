"""How many runs have which number of something, in bars that can be read."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

MOST_BARS = 12
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000)


class Bar(NamedTuple):
    label: str
    """`3`, or `10–19`."""
    number: int


def bars(values: Iterable[int]) -> list[Bar]:
    """Equally wide, from the least value to the greatest, with those in between that nothing has."""
    counted = Counter(values)
    if not counted:
        return []
    least, most = min(counted), max(counted)
    step = next((step for step in STEPS if most // step - least // step < MOST_BARS), STEPS[-1])
    by_step: Counter[int] = Counter()
    for value, number in counted.items():
        by_step[value // step] += number
    return [Bar(_label(place, step), by_step[place]) for place in range(least // step, most // step + 1)]


def _label(place: int, step: int) -> str:
    return str(place) if step == 1 else f"{place * step:,}–{(place + 1) * step - 1:,}"
