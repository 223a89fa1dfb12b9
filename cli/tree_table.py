"""A run as a tree in the terminal: one row a span, with its time drawn beside it where it is known."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from cli.screen import printable
from cli.text_bar import TextBar
from dashboard.lines import Line
from dashboard.naming import short_names

MOST_GUIDES = 8
LEAST_NAME, LEAST_MODEL, LEAST_BAR = 14, 10, 12
LEAST_WIDTH_FOR_BARS = 72
BETWEEN = 2
FIGURES = {"in": "input_tokens", "out": "output_tokens", "time": "duration", "cost": "cost"}


def tree_table(lines: Sequence[Line], *, first_column: str, width: int) -> Table:
    """Text only: nothing a model wrote is read as markup. Names give way where `width` is short, figures do not."""
    with_bars = width >= LEAST_WIDTH_FOR_BARS and any(line.stretch for line in lines)
    names = [_name(*row) for row in zip(branches([line.depth for line in lines]), lines, strict=True)]
    room = width - _figures_width(lines) - (BETWEEN + max(LEAST_BAR, width // 5) if with_bars else 0)
    models = _models(lines, room - LEAST_NAME - BETWEEN)
    with_models = room >= LEAST_NAME + BETWEEN + LEAST_MODEL
    model_width = max(LEAST_MODEL, min(_widest(models), room // 2)) if with_models else -BETWEEN
    name_width = max(LEAST_NAME, min(_widest(names), room - model_width - BETWEEN))
    table = Table(box=None, pad_edge=False, header_style="dim", expand=with_bars)
    table.add_column(first_column, overflow="ellipsis", no_wrap=True, width=name_width)
    if with_models:
        table.add_column("model", overflow="ellipsis", no_wrap=True, width=model_width)
    for heading in FIGURES:
        table.add_column(heading, justify="right", no_wrap=True)
    if with_bars:
        table.add_column("", ratio=1, no_wrap=True)
    for name, model, line in zip(names, models, lines, strict=True):
        figures = [getattr(line, attribute) for attribute in FIGURES.values()]
        bar = [TextBar(line)] if with_bars else []
        table.add_row(name, *([Text(model)] if with_models else []), *figures, *bar)
    return table


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
    if _widest(models) <= room // 2:
        return models
    short = short_names(model for model in models if model)
    return [short.get(model, "") for model in models]


def _figures_width(lines: Sequence[Line]) -> int:
    return sum(
        BETWEEN + max(len(heading), _widest([getattr(line, attribute) for line in lines]))
        for heading, attribute in FIGURES.items()
    )


def _widest(texts: Sequence[str | Text]) -> int:
    return max((text.cell_len if isinstance(text, Text) else cell_len(text) for text in texts), default=0)
