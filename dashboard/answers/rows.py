"""From an answer's columns to rows. Columns that a row does not name are not used."""

from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Answer = TypeVar("Answer", bound="DataclassInstance")


def row_of(kind: type[Answer], table: pa.Table) -> Answer:
    """The only row of an answer."""
    return rows_of(kind, table.slice(length=1))[0]


def rows_of(kind: type[Answer], table: pa.Table) -> list[Answer]:
    """The rows of an answer, as far as `kind` names their columns."""
    columns = [_in_microseconds(table[field.name]).to_pylist() for field in fields(kind)]
    return [kind(*values) for values in zip(*columns, strict=True)]


def _in_microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Python's own moments know no nanoseconds, and Arrow would load pandas for them."""
    return column.cast(pa.timestamp("us"), safe=False) if pa.types.is_timestamp(column.type) else column
