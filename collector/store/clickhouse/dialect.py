"""A question's SQL file as ClickHouse reads it.

The files are written in DuckDB's dialect. Functions of DuckDB are named once more before each question
(`sql/clickhouse/dialect.sql`), table macros are parameterised views of the same name; what is left to change
in the text is how parameters, arguments and filters are spelled.
"""

import re
from collections.abc import Mapping
from functools import cache

import pyarrow as pa

from collector.store import statements
from collector.store.literals import PARAMETER, filled_in, for_clickhouse

FILTER = re.compile(r"\bfilter \((?!where\b)", re.IGNORECASE)
GROUPED = re.compile(r"(?P<rows>.*\ngroup by [^\n]*)\n(?P<order>order by .*)", re.DOTALL)
COMMENTS = re.compile(r"\A(\s*--[^\n]*\n)*")


def statement(name: str, parameters: Mapping[str, object]) -> str:
    """The question `name`, with a typed place for each parameter."""
    return with_types(_statement(name), parameters)


def with_values(name: str, parameters: Mapping[str, object]) -> str:
    """The question `name`, to be read and run by somebody who binds nothing."""
    return filled_in(_statement(name), parameters, for_clickhouse)


def with_types(text: str, parameters: Mapping[str, object]) -> str:
    """`$name` as ClickHouse writes it. What is no parameter stays as it is."""

    def typed(found: re.Match[str]) -> str:
        name = found[1]
        return f"{{{name}:{type_of(parameters[name])}}}" if name in parameters else found[0]

    return PARAMETER.sub(typed, text)


def type_of(value: object) -> str:
    match value:
        case bool():
            return "Bool"
        case int():
            return "Int64"
        case float():
            return "Float64"
        case str():
            return "String"
        case list():
            return "Array(String)"
        case None:
            return "Nullable(String)"
        case _:
            raise TypeError(f"no ClickHouse type for {value!r}")


@cache
def _statement(name: str) -> str:
    text = FILTER.sub("filter (where ", statements.query(name, statements.CLICKHOUSE))
    text = text.replace("::varchar[]", "")  # parameters say their types here
    for macro, names in statements.table_macros().items():
        call = re.compile(rf"\b{macro}\(([^()]*)\)")
        text = call.sub(lambda found, macro=macro, names=names: _named(macro, names, found[1]), text)
    body = COMMENTS.sub("", text).rstrip().removesuffix(";")
    # Where a column and an alias share a name, ClickHouse takes the column; of a finished table it takes the
    # only one there is.
    if grouped := GROUPED.fullmatch(body):
        body = f"select * from ({grouped['rows']}) {grouped['order']}"
    if body.startswith("with"):
        body = "," + body.removeprefix("with")
    return statements.clickhouse_dialect() + body


def _named(macro: str, names: list[str], arguments: str) -> str:
    given = [argument.strip() for argument in arguments.split(",")]
    return f"{macro}({', '.join(f'{n} = {a}' for n, a in zip(names, given, strict=True))})"


def as_duckdb_types(table: pa.Table) -> pa.Table:
    """Counts are signed, moments are UTC without saying so, and OTLP is bytes, whichever engine answers."""
    columns = [_as_duckdb_type(name, table[name]) for name in table.column_names]
    # A name that two joined tables share comes with its table's.
    return pa.table(columns, names=[name.rpartition(".")[2] for name in table.column_names])


def _as_duckdb_type(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_unsigned_integer(kind):
        return column.cast(pa.int64())
    if pa.types.is_timestamp(kind) and kind.tz:
        return column.cast(pa.timestamp(kind.unit))
    # ClickHouse has one type for texts and bytes.
    if name.endswith("otlp"):
        return pa.chunked_array([chunk.view(pa.binary()) for chunk in column.chunks], pa.binary())
    return column
