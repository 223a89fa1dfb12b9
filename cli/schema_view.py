"""What can be asked in SQL, in the terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text


def schema_view(schema: Mapping[str, Any]) -> Group:
    """Each table with its columns, then what can be called in FROM, as `GET /schema` tells of them."""
    return Group(*_tables(schema["tables"]), *_functions(schema["functions"]))


def _tables(tables: list[Mapping[str, Any]]) -> Iterator[RenderableType]:
    for table in tables:
        yield _heading(table["name"], table["meaning"])
        grid = _grid()
        for column in table["columns"]:
            grid.add_row(f"  {column['name']}", Text(column["type"], "dim"), Text(column["meaning"]))
        yield grid
        yield ""


def _functions(functions: list[Mapping[str, Any]]) -> Iterator[RenderableType]:
    for function in functions:
        yield _heading(function["call"], function["meaning"])


def _heading(name: str, meaning: str) -> Text:
    return Text.assemble((name, "bold"), f"  {meaning}")


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, max_width=20, overflow="ellipsis")
    grid.add_column()
    return grid
