"""The order of a tree's rows: what stands side by side is ordered, what stands inside stays inside."""

from dashboard.recursion.nesting import Nesting
from dashboard.recursion.widths import widths

RAN, LARGEST = ORDERS = ("as it ran", "largest first")


def ordered(nesting: Nesting, by: str, order: str) -> list[int]:
    """Places of the parts, each before those in it. Equally large ones stay as they ran."""
    if order != LARGEST:
        return list(range(len(nesting.parts)))
    wide = widths(nesting, by)
    waiting = [place for place, part in enumerate(nesting.parts) if part.parent < 0][::-1]
    places: list[int] = []
    while waiting:
        place = waiting.pop()
        places.append(place)
        waiting += sorted(nesting.children[place], key=lambda child: -wide[child])[::-1]
    return places
