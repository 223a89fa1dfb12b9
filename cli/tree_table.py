"""A run as a tree in the terminal: one row a span, with its time drawn beside it where it is known."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Group
from rich.style import Style
from rich.text import Text

from cli.screen import printable
from cli.text_bar import drawn
from dashboard import palette
from dashboard.lines import Line
from dashboard.naming import short_names

MOST_GUIDES = 8
LEAST_NAME, LEAST_MODEL, LEAST_BAR = 14, 10, 12
LEAST_WIDTH_FOR_BARS = 72
BETWEEN = 2
FIGURES = {"in": "input_tokens", "out": "output_tokens", "time": "duration", "cost": "cost"}


def tree_table(lines: Sequence[Line], *, first_column: str, width: int) -> Group:
    """Text only: nothing a model wrote is read as markup. Names give way where `width` is short, figures do not.

    Not a table of rich's, which takes half a second for a thousand rows.
    """
    with_bars = width >= LEAST_WIDTH_FOR_BARS and any(line.stretch for line in lines)
    names = [_name(*row) for row in zip(branches([line.depth for line in lines]), lines, strict=True)]
    figures = [_widest([getattr(line, name) for line in lines], heading) for heading, name in FIGURES.items()]
    room = width - sum(figures) - BETWEEN * len(figures)
    room -= BETWEEN + max(LEAST_BAR, width // 5) if with_bars else 0
    models = _models(lines, room)
    with_models = room >= LEAST_NAME + BETWEEN + LEAST_MODEL
    model_width = min(_widest(models, "model"), room // 2) if with_models else 0
    name_width = max(LEAST_NAME, min(_widest(names, first_column), room - model_width - BETWEEN))
    bar_width = width - name_width - model_width - sum(figures) - BETWEEN * (len(figures) + 2)

    def row(name: Text, model: str, texts: Iterable[str], bar: str = "", colour: str = "") -> Text:
        name.truncate(name_width, overflow="ellipsis", pad=True)
        cells = [Text(model)] if with_models else []
        for cell in cells:
            cell.truncate(model_width, overflow="ellipsis", pad=True)
        cells += [Text(text.rjust(size)) for text, size in zip(texts, figures, strict=True)]
        joined = Text("  ", no_wrap=True, overflow="crop", end="\n").join([name, *cells])
        return joined.append("  ").append(bar, Style(color=colour)) if bar else joined

    head = row(Text(first_column), "model", FIGURES)
    head.stylize("dim")
    rows = [head]
    for name, model, line in zip(names, models, lines, strict=True):
        bar = drawn(line, bar_width) if with_bars else ""
        texts = [getattr(line, attribute) for attribute in FIGURES.values()]
        rows.append(row(name, model, texts, bar, palette.ERROR if line.error else line.colour))
    return Group(*rows)


def branches(depths: Sequence[int]) -> list[str]:
    """What stands before each row: `│ ├ `. Rows are in depth-first order; a root has nothing before it."""
    more_below: list[bool] = []
    """By depth: whether another row of the same parent follows."""
    drawn: list[str] = []
    for depth in reversed(depths):
        del more_below[depth + 1 :]
        more_below.extend([False] * (depth + 1 - len(more_below)))
        drawn.append(_branch(depth, more_below))
        more_below[depth] = True
    return drawn[::-1]


def _branch(depth: int, more_below: Sequence[bool]) -> str:
    if depth == 0:
        return ""
    deep = depth - 1 > MOST_GUIDES
    guides = ["│ " if more else "  " for more in more_below[1 : MOST_GUIDES if deep else depth]]
    return "".join(guides) + ("┊ " if deep else "") + ("├ " if more_below[depth] else "└ ")


def _name(branch: str, line: Line) -> Text:
    style = "dim" if line.hidden else "red" if line.error else "" if line.is_call else "bold"
    failed = "× " if line.error else ""
    name = Text.assemble((branch, "dim"), (failed + printable(line.name), style))
    return name.append(f" · {printable(line.note)}", "red" if line.error else "yellow") if line.note else name


def _models(lines: Sequence[Line], room: int) -> list[str]:
    """Without their providers where they are too long otherwise."""
    models = [printable(line.model) for line in lines]
    if _widest(models, "") <= room // 2:
        return models
    short = short_names(model for model in models if model)
    return [short.get(model, "") for model in models]


def _widest(texts: Sequence[str | Text], heading: str) -> int:
    widths = (text.cell_len if isinstance(text, Text) else cell_len(text) for text in texts)
    return max(cell_len(heading), *widths) if texts else cell_len(heading)
