"""Where the parts of a mode's graph stand: from the question at the top to the answer at the bottom.

Steps stand in ranks, each below all it reads (Sugiyama's layered drawing); a line that passes a rank gets room in it,
so that it crosses no box. A loop is a drawing of its own inside a frame, whose lower bar asks its condition.
Everything is in pixels, and nothing depends on the text but how many lines it takes.
"""

from collections.abc import Sequence
from dataclasses import replace

from composite_llm.planning.told import Drawing, Edge, Node
from dashboard.widgets.mode_graph.boxes import (
    BAR,
    FRAME_HEAD,
    FRAME_ROOM,
    size_of,
    with_content,
)
from dashboard.widgets.mode_graph.picture import Box, Line, Picture
from dashboard.widgets.mode_graph.placing import BOTTOM, TOP, Placed
from dashboard.widgets.mode_graph.ranks import ranked

ANSWER = "(answer)"


def picture_of(drawing: Drawing) -> Picture:
    nodes, edges = list(drawing.nodes), list(drawing.edges)
    if last := [node.id for node in nodes if node.final]:  # several where one of them is taken
        nodes.append(Node(ANSWER, "answer", "answer", name="answer"))
        edges += [Edge(node, ANSWER) for node in last]
    return _Level(nodes, edges).picture(None)


class _Level:
    """The steps side by side with each other: those of the mode, or those inside one loop."""

    def __init__(self, nodes: Sequence[Node], edges: Sequence[Edge]) -> None:
        self._nodes = nodes
        self._edges = edges
        self._around = {node.id: node.inside for node in nodes}

    def picture(self, frame: str | None) -> Picture:
        here = [node for node in self._nodes if node.inside == frame]
        inner = {node.id: self.picture(node.id) for node in here if node.kind == "loop_until"}
        lines = self._between(frame)
        boxes = {node.id: size_of(node, inner.get(node.id)) for node in here}
        sizes = {name: (box.width, box.height) for name, box in boxes.items()}
        ends = [end for end in (TOP, BOTTOM) if any(end in pair for pair in lines)]
        sizes |= dict.fromkeys(ends, (1.0, 0.0))
        placed = Placed(ranked(list(sizes), list(lines)), sizes, lines)
        drawn = [
            part
            for name, box in boxes.items()
            for part in with_content(replace(box, x=placed.left(name), y=placed.top(name)), inner.get(name))
        ]
        own = [placed.line(pair, label) for pair, label in lines.items()]
        inside = [
            _moved(line, box.x, box.y)
            for name, picture in inner.items()
            for box in drawn
            if box.id == name
            for line in _framed(picture, box)
        ]
        return Picture(placed.width, placed.height, drawn, [*own, *inside])

    def _between(self, frame: str | None) -> dict[tuple[str, str], str]:
        """The lines of this level with what is said of them; what comes from outside of a loop comes from its top."""
        found: dict[tuple[str, str], list[str]] = {}
        for edge in self._edges:
            source, target = self._here(edge.source, frame), self._here(edge.target, frame)
            if source is None and target is None or source == target:
                continue
            pair = (source or TOP, target or BOTTOM)
            label = edge.label if source and target and edge.target == target else ""
            found.setdefault(pair, []).append(label)
        return {pair: ", ".join(sorted(set(filter(None, labels)))) for pair, labels in found.items()}

    def _here(self, name: str, frame: str | None) -> str | None:
        """The node of this level that `name` is, or is inside of."""
        at: str | None = name
        while at is not None and self._around.get(at) != frame:
            at = self._around.get(at)
        return at


def _framed(picture: Picture, box: Box) -> list[Line]:
    """The lines inside a loop's frame, and the one that leads from its condition back to its top."""
    left = (box.width - FRAME_ROOM - picture.width) / 2
    moved = [_moved(line, left, FRAME_HEAD) for line in picture.lines]
    right, bottom, top = box.width - FRAME_ROOM / 2, box.height - BAR / 2, FRAME_HEAD / 2
    edge = box.width - FRAME_ROOM
    back = Line([(edge, bottom), (right, bottom), (right, top), (edge, top)], "again", "again")
    return [*moved, back]


def _moved(line: Line, x: float, y: float) -> Line:
    return replace(line, points=[(left + x, top + y) for left, top in line.points])
