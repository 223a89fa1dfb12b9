"""What hand-written SQL is answered with, and how large that may get.

Bytes alone are no bound: a boolean is one bit in Arrow and eight bytes in a list of Python's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from collector.errors import QuestionError

MOST_BYTES = 64 * 1024 * 1024
MOST_VALUES = 1_000_000
"""Cells, and what the lists in them hold."""


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    table: pa.Table
    is_cut: bool
    """There were more rows than were asked for, or than fit into one answer."""


CUT_HEADER = "Rows-Cut"
"""Says of an answer over HTTP whether it is cut: true or false."""


def first_rows(schema: pa.Schema, batches: Iterable[pa.RecordBatch], row_limit: int) -> SqlAnswer:
    """Of the batches, none is made that is not looked at."""
    kept: list[pa.RecordBatch] = []
    rows = size = values = 0
    reading = iter(batches)
    for batch in reading:
        fitting = _fitting(batch.slice(0, row_limit - rows), MOST_VALUES - values)
        if batch.num_rows and not rows + fitting.num_rows:
            raise QuestionError(f"a single row holds more than {MOST_VALUES:,} values; ask for less")
        kept.append(fitting)
        rows += fitting.num_rows
        size += fitting.nbytes
        values += values_in(fitting)
        is_cut = fitting.num_rows < batch.num_rows
        if is_cut or size > MOST_BYTES:
            # Whatever the size says, there may be no row after this one.
            is_cut = is_cut or any(more.num_rows for more in reading)
            return SqlAnswer(pa.Table.from_batches(kept, schema), is_cut)
    return SqlAnswer(pa.Table.from_batches(kept, schema), is_cut=False)


def values_in(rows: pa.RecordBatch) -> int:
    return sum(map(_values, rows.columns))


def _fitting(batch: pa.RecordBatch, most: int) -> pa.RecordBatch:
    """As many of the first rows as hold at most so many values."""
    fewest, most_rows = 0, batch.num_rows
    if values_in(batch) <= most:
        return batch
    while fewest < most_rows:
        middle = (fewest + most_rows + 1) // 2
        if values_in(batch.slice(0, middle)) <= most:
            fewest = middle
        else:
            most_rows = middle - 1
    return batch.slice(0, fewest)


def _values(column: pa.Array) -> int:
    kind = column.type
    if pa.types.is_struct(kind):
        return sum(map(_values, column.flatten()))
    if pa.types.is_nested(kind) and hasattr(column, "flatten"):
        return len(column) + _values(column.flatten())
    return len(column)
