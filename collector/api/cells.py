"""Arrow values as JSON has them. Numbers stay exact: integers have all their digits, whatever a reader makes of
them, and a decimal that a double cannot hold becomes text."""

import base64
import csv
import io
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa

from collector.store.sql_answer import values_in

VALUES_AT_ONCE = 20_000


def rows(table: pa.Table) -> Iterator[list[Any]]:
    """Each row as a list; columns may share a name."""
    columns = [_plain(column) for column in table.columns]
    return map(list, zip(*columns, strict=True)) if columns else iter(())


def records(table: pa.Table) -> list[dict[str, Any]]:
    return [dict(zip(table.column_names, row, strict=True)) for row in rows(table)]


def few_rows(table: pa.Table) -> Iterator[list[list[Any]]]:
    """All rows, a few at a time: as Python's objects they need many times the memory."""
    values = sum(map(values_in, table.to_batches()))
    at_once = max(1, table.num_rows * VALUES_AT_ONCE // max(1, values))
    for batch in table.to_batches(max_chunksize=at_once):
        if batch.num_rows:
            yield list(rows(pa.Table.from_batches([batch])))


def csv_parts(table: pa.Table) -> Iterator[str]:
    """With a header; lists and structs are JSON in their cell, null is an empty cell."""
    yield _csv([table.column_names])
    for few in few_rows(table):
        yield _csv(few)


def _csv(lines: list[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    for line in lines:
        writer.writerow([json.dumps(cell) if isinstance(cell, (list, dict)) else cell for cell in line])
    return text.getvalue()


def _plain(column: pa.ChunkedArray) -> list[Any]:
    """Nanoseconds do not fit Python's datetime, so such columns become text while they are Arrow."""
    if pa.types.is_timestamp(column.type):
        zone = "" if column.type.tz is None else "Z"
        utc = column.cast(pa.timestamp(column.type.unit)).cast(pa.string()).to_pylist()
        return [None if moment is None else f"{moment.replace(' ', 'T')}{zone}" for moment in utc]
    return [cell(value) for value in column.to_pylist()]


def cell(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return _number(value)
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case pa.MonthDayNano():
            return f"P{value.months}M{value.days}DT{Decimal(value.nanoseconds).scaleb(-9).normalize():f}S"
        case list() | tuple():
            return [cell(item) for item in value]
        case dict():
            return {str(key): cell(item) for key, item in value.items()}
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _number(value: Decimal) -> int | float | str:
    if value == value.to_integral_value():
        return int(value)
    nearest = float(value)
    return nearest if Decimal(repr(nearest)) == value else str(value)
