"""One span's time as a row of characters, as wide as there is room."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style

from dashboard import palette

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions

    from dashboard.lines import Line, Stretch

NOTHING, OPEN, WAITED_FOR = range(3)
CALL = (" ╺▐", "╸━▐", "▌▌█")
CONTAINER = (" ╶▐", "╴─▐", "▌▌█")
"""By what the left and the right half of a character stand for."""


class TextBar:
    """A thin line while the span is open, a block where the run as a whole was waiting for it."""

    def __init__(self, line: "Line") -> None:
        self._line = line

    def __rich_measure__(self, console: "Console", options: "ConsoleOptions") -> Measurement:
        return Measurement(1, options.max_width)

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> Iterator[Segment]:
        colour = palette.ERROR if self._line.error else self._line.colour
        yield Segment(drawn(self._line, options.max_width), Style(color=colour))


def drawn(line: "Line", width: int) -> str:
    if line.stretch is None:
        return ""
    halves = [NOTHING] * (2 * width)
    _fill(halves, line.stretch, OPEN, least=1)
    for stretch in line.critical:
        _fill(halves, stretch, WAITED_FOR, least=0)
    glyphs = CALL if line.is_call else CONTAINER
    pairs = zip(halves[::2], halves[1::2], strict=True)
    return "".join(glyphs[left][right] for left, right in pairs).rstrip()


def _fill(halves: list[int], stretch: "Stretch", mark: int, *, least: int) -> None:
    first = min(round(stretch[0] * len(halves)), len(halves) - least)
    last = max(round(stretch[1] * len(halves)), first + least)
    halves[first:last] = [mark] * (last - first)
