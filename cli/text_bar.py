"""One span's time as a row of characters."""

from dashboard.lines import Line, Stretch

NOTHING, OPEN, WAITED_FOR = range(3)
CALL = (" ╺▐", "╸━▐", "▌▌█")
CONTAINER = (" ╶▐", "╴─▐", "▌▌█")
"""By what the left and the right half of a character stand for."""


def drawn(line: Line, width: int) -> str:
    """A thin line while the span is open, a block where the run as a whole was waiting for it."""
    if line.stretch is None:
        return ""
    halves = [NOTHING] * (2 * width)
    _fill(halves, line.stretch, OPEN, least=1)
    for stretch in line.critical:
        _fill(halves, stretch, WAITED_FOR, least=0)
    glyphs = CALL if line.is_call else CONTAINER
    pairs = zip(halves[::2], halves[1::2], strict=True)
    return "".join(glyphs[left][right] for left, right in pairs).rstrip()


def _fill(halves: list[int], stretch: Stretch, mark: int, *, least: int) -> None:
    first = min(round(stretch[0] * len(halves)), len(halves) - least)
    last = max(round(stretch[1] * len(halves)), first + least)
    halves[first:last] = [mark] * (last - first)
