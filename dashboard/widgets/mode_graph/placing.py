"""Coordinates for nodes that stand in ranks, and the lines between them."""

from collections.abc import Callable, Mapping, Sequence

from dashboard.widgets.mode_graph.picture import Line
from dashboard.widgets.mode_graph.ranks import Ranked

GAP_X, GAP_Y, LABEL_GAP_Y = 28, 34, 54
PASSING = 10
"""Room for a line that passes a rank."""
TOP, BOTTOM = "(top)", "(bottom)"
"""The bars of a loop's frame: a line goes straight from or to them, wherever along them that is."""


class Placed:
    """Ranks given coordinates."""

    def __init__(
        self,
        ranks: Ranked,
        sizes: dict[str, tuple[float, float]],
        lines: dict[tuple[str, str], str],
    ) -> None:
        self._ranks = ranks
        self._sizes = sizes
        self._lines = lines
        self._centre = self._across()
        self._top = self._down()
        rights = [self._centre[name] + self._width(name) / 2 for name in self._centre]
        self.width = max(rights, default=0.0)

    def left(self, name: str) -> float:
        return self._centre[name] - self._width(name) / 2

    def top(self, name: str) -> float:
        return self._top[name]

    def line(self, pair: tuple[str, str], label: str) -> Line:
        source, target = pair
        path = self._ranks.paths[pair]
        start = self._port(source, [other[1] for other in self._lines if other[0] == source], target)
        end = self._port(target, [other[0] for other in self._lines if other[1] == target], source)
        start = end if source == TOP and len(path) == 2 else start
        end = start if target == BOTTOM and len(path) == 2 else end
        points = [(start, self._top[source] + self._sizes[source][1])]
        for passed in path[1:-1]:
            rank = self._ranks.rank[passed]
            points += [(self._centre[passed], self._row[rank]), (self._centre[passed], self._end(rank))]
        points.append((end, self._top[target]))
        words = set(label.split(", "))
        style = "branch" if words & {"then", "else"} else "condition" if "condition" in words else "reads"
        return Line(points, label, style)

    def _port(self, name: str, others: Sequence[str], other: str) -> float:
        """Lines leave and reach a box spread along its edge, in the order of where they go."""
        if name in (TOP, BOTTOM):
            return self._centre[other]
        order = sorted(others, key=lambda each: self._centre[self._next(name, each)])
        return self.left(name) + self._width(name) * (order.index(other) + 1) / (len(order) + 1)

    def _next(self, name: str, other: str) -> str:
        path = self._ranks.paths.get((name, other)) or self._ranks.paths[(other, name)][::-1]
        return path[1]

    def _width(self, name: str) -> float:
        return self._sizes[name][0] if name in self._sizes else PASSING

    def _across(self) -> dict[str, float]:
        """Each near the middle of what it is joined to, as far as its neighbours let it."""
        centre: dict[str, float] = {}
        for order in self._ranks.order:
            _spread(order, {name: 0.0 for name in order}, centre, self._width)
        for _ in range(6):
            for order in (*self._ranks.order, *reversed(self._ranks.order)):
                wanted = {
                    name: sum(centre[other] for other in joined) / len(joined)
                    if (joined := self._ranks.neighbours[name])
                    else centre[name]
                    for name in order
                }
                _spread(order, wanted, centre, self._width)
        least = min((centre[name] - self._width(name) / 2 for name in centre), default=0.0)
        return {name: x - least for name, x in centre.items()}

    def _down(self) -> dict[str, float]:
        top: dict[str, float] = {}
        self._row: list[float] = []
        y = 0.0
        for rank, order in enumerate(self._ranks.order):
            labelled = any(
                label and self._ranks.rank[target] == rank for (_, target), label in self._lines.items()
            )
            y += (LABEL_GAP_Y if labelled else GAP_Y) if rank else 0.0
            self._row.append(y)
            height = max((self._sizes[name][1] for name in order if name in self._sizes), default=0.0)
            for name in order:
                top[name] = y + (height - self._sizes.get(name, (0.0, height))[1]) / 2
            y += height
        self.height = y
        return top

    def _end(self, rank: int) -> float:
        order = self._ranks.order[rank]
        return self._row[rank] + max(
            (self._sizes[name][1] for name in order if name in self._sizes), default=0.0
        )


def _spread(
    order: Sequence[str],
    wanted: Mapping[str, float],
    centre: dict[str, float],
    width: Callable[[str], float],
) -> None:
    """Centres as near to those wanted as boxes of these widths can stand in this order."""
    placed: list[float] = []
    for index, name in enumerate(order):
        least = placed[-1] + (width(order[index - 1]) + width(name)) / 2 + GAP_X if placed else wanted[name]
        placed.append(max(wanted[name], least))
    shift = sum(wanted[name] - x for name, x in zip(order, placed, strict=True)) / max(1, len(placed))
    centre.update({name: x + shift for name, x in zip(order, placed, strict=True)})
