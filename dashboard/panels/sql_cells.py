"""The values of an answer as a table shows them: every digit, NULL as NULL, times on the reader's clock."""

import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from collector.api import cells
from dashboard.plain import line

EXACT = 2**53
"""Beyond it a browser rounds whole numbers."""
MOST_CHARACTERS = 2_000
"""Of a text in a cell; a download has all."""


def named(columns: Sequence[str]) -> list[str]:
    """Names a table can have: every one once. A column that is named like one before gets a number."""
    taken: set[str] = set()
    names: list[str] = []
    for column in columns:
        name, number = column, 2
        while name in taken:
            name, number = f"{column} ({number})", number + 1
        taken.add(name)
        names.append(name)
    return names


def frame(table: pa.Table, zone: str) -> pd.DataFrame:
    columns = [_column(column, zone) for column in table.columns]
    return pd.DataFrame(dict(zip(shown(table), columns, strict=True)), index=range(table.num_rows))


def shown(table: pa.Table) -> list[str]:
    """The names of the columns as the table shows them."""
    return named([line(name, 80) or " " for name in table.column_names])


def _column(column: pa.ChunkedArray, zone: str) -> pd.Series:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return _moments(column, zone)
    values = column.to_pylist()
    if pa.types.is_floating(kind):
        return pd.Series(values, dtype="Float64")
    if pa.types.is_integer(kind) and all(value is None or abs(value) <= EXACT for value in values):
        return pd.Series(values, dtype="Int64")
    return pd.Series([_text(value) for value in values], dtype="object")


def _moments(column: pa.ChunkedArray, zone: str) -> pd.Series:
    """The store's times are UTC without saying so."""
    utc = column.cast(pa.timestamp("us"), safe=False).to_pylist()
    local = [
        None if moment is None else moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for moment in utc
    ]
    return pd.Series(
        [None if moment is None else moment.replace(tzinfo=None) for moment in local], dtype="datetime64[us]"
    )


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case str():
            return line(value, MOST_CHARACTERS)
        case bytes():
            return line(value.hex(), MOST_CHARACTERS)
        case list() | dict() | tuple():
            return line(json.dumps(cells.cell(value), ensure_ascii=False), MOST_CHARACTERS)
        case _:
            return line(str(value), MOST_CHARACTERS)
