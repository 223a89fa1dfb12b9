"""The rows of an SQL answer in the terminal: a table, or a block a row where the columns do not fit side by side."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from rich.console import Group
from rich.table import Table
from rich.text import Text

from cli.screen import printable
from collector.api import cells
from dashboard import fmt
from dashboard.plain import line

BETWEEN = 2
NARROWEST = 16
"""A column of a table is not squeezed below this, or below its longest value."""
LONGEST = 500


def sql_view(table: pa.Table, *, width: int) -> Group:
    """Text only: nothing that came in a span is read as markup, and no value takes more than a line."""
    names = [line(name) for name in table.column_names]
    rows = [[_text(value) for value in row] for row in cells.rows(table)]
    longest = [max(map(Text.__len__, column), default=0) for column in zip(*rows, strict=True)]
    needed = (min(NARROWEST, max(len(name), most)) for name, most in zip(names, longest, strict=False))
    fits = sum(needed) + BETWEEN * (len(names) - 1) <= width
    count = Text(fmt.plural(len(rows), "row"), style="dim")
    if fits or not rows:
        return Group(_table(names, rows, [_is_number(field.type) for field in table.schema]), count)
    return Group(*(_block(number, names, row, width) for number, row in enumerate(rows, 1)), count)


def unique_names(names: Sequence[str]) -> list[str]:
    """Two columns of one name are `n` and `n_1`, as an object cannot have both."""
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for name in names:
        candidate = name
        while candidate in unique or (candidate != name and candidate in names):
            seen[name] += 1
            candidate = f"{name}_{seen[name]}"
        unique.append(candidate)
    return unique


def _table(names: Sequence[str], rows: Sequence[Sequence[Text]], numeric: Sequence[bool]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name, is_number in zip(names, numeric, strict=True):
        heading = Text(printable(name))
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*row)
    return table


def _block(number: int, names: Sequence[str], row: Sequence[Text], width: int) -> Group:
    table = Table.grid(padding=(0, BETWEEN))
    table.add_column(style="dim", no_wrap=True, max_width=width // 3, overflow="ellipsis")
    table.add_column(no_wrap=True, overflow="ellipsis")
    for name, value in zip(names, row, strict=True):
        table.add_row(Text(printable(name)), value)
    return Group(Text(f"row {number:,}", style="bold"), table, "")


def _text(value: Any) -> Text:
    if value is None:
        return Text("null", style="dim")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Text(printable(line(text, LONGEST)))


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
