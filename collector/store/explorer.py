"""SQL that somebody wrote by hand, on DuckDB, within bounds.

That nothing is written, read from a file or set is seen to by the transaction and the locked configuration.
What is refused here before it runs would still hurt: functions that act on the file or the process, and
those that make a huge value of a few characters, outside of the memory the engine counts.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from collector.errors import QuestionError
from collector.store.cancellation import Cancellation
from collector.store.sql_answer import SqlAnswer

QUERY_MEMORY = "256MB"
MOST_BYTES = 64 * 1024 * 1024
ROWS_AT_ONCE = 2048

TABLE_FUNCTIONS = frozenset(
    {
        "buckets",
        "duckdb_columns",
        "duckdb_functions",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "generate_series",
        "json_each",
        "json_tree",
        "query_table",
        "range",
        "runs",
        "summary",
        "traces_between",
        "unnest",
    }
)
"""What may stand in FROM; the others act on the file, the process or other files."""

REFUSED = frozenset(
    {
        "array_reduce",
        "array_resize",
        "bitstring",
        "currval",
        "format",
        "format_bytes",
        "generate_series",
        "getenv",
        "json_execute_serialized_sql",
        "list_reduce",
        "list_resize",
        "lpad",
        "nextval",
        "printf",
        "range",
        "reduce",
        "repeat",
        "rpad",
        "setseed",
        "setval",
        "sleep_ms",
        "write_log",
    }
)

LINE_NUMBER = re.compile(r"^LINE (\d+):", re.MULTILINE)

ONE_SELECT = (
    "send exactly one statement that only reads: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW or SUMMARIZE"
)


def check(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Raises QuestionError where the text is not one statement that only reads."""
    try:
        statements = connection.extract_statements(text)
    # A statement of a kind that the Python client does not know is a ValueError.
    except ValueError as error:
        raise QuestionError(ONE_SELECT) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QuestionError(ONE_SELECT)
    found = connection.execute("select json_serialize_sql($text::varchar)", {"text": statements[0].query})
    [(tree,)] = found.fetchall()
    parsed = json.loads(tree)
    if parsed["error"]:
        raise QuestionError(f"{ONE_SELECT} ({parsed['error_message']})")
    for name, in_from in _functions(parsed):
        if in_from and name not in TABLE_FUNCTIONS:
            allowed = ", ".join(sorted(TABLE_FUNCTIONS))
            raise QuestionError(f"{name}() cannot be read from here; table functions are: {allowed}")
        if not in_from and name in REFUSED:
            raise QuestionError(f"{name}() is not available here")


def answer(
    cursor: duckdb.DuckDBPyConnection,
    text: str,
    parameters: Mapping[str, object] | list[object],
    *,
    row_limit: int,
    seconds: float,
    cancellation: Cancellation,
) -> SqlAnswer:
    """The first `row_limit` rows. The cursor is inside a transaction that rejects writes."""
    try:
        check(cursor, text)
        cursor.execute(f"set operator_memory_limit = '{QUERY_MEMORY}'")
        with cancellation.watched(cursor.interrupt, seconds):
            # Rows are made as they are read, so what lies beyond the limit is never made.
            relation = cursor.sql(text, params=parameters or None)
            return _first_rows(relation.to_arrow_reader(ROWS_AT_ONCE), row_limit)
    except duckdb.InterruptException as error:
        reason = (
            "the query was cancelled" if cancellation.is_cancelled else f"it took longer than {seconds:g} s"
        )
        raise QuestionError(f"{reason}; ask for less, or for a shorter time") from error
    except duckdb.OutOfMemoryException as error:
        raise QuestionError(f"the query needs more memory than it may have; ask for less. {error}") from error
    except duckdb.TransactionException as error:
        raise QuestionError(f"this only answers questions, nothing can be written: {error}") from error
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise QuestionError(_with_place(cursor, text, error)) from error
    except (duckdb.Error, pa.ArrowInvalid) as error:
        raise QuestionError(str(error)) from error


def _with_place(cursor: duckdb.DuckDBPyConnection, text: str, error: duckdb.Error) -> str:
    """The error with its line and a caret, which DuckDB gives only to those who prepare a statement."""
    try:
        cursor.execute(f"prepare asked as\n{text}")
    except duckdb.Error as placed:
        return LINE_NUMBER.sub(lambda found: f"LINE {int(found[1]) - 1}:".ljust(len(found[0])), str(placed))
    return str(error)


def _first_rows(reader: pa.RecordBatchReader, row_limit: int) -> SqlAnswer:
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in reader:
        kept = batch.slice(0, row_limit - rows)
        batches.append(kept)
        rows += kept.num_rows
        size += kept.nbytes
        is_cut = kept.num_rows < batch.num_rows
        if is_cut or size > MOST_BYTES:
            # Whatever the size says, there may be no row after this one.
            is_cut = is_cut or any(more.num_rows for more in reader)
            return SqlAnswer(pa.Table.from_batches(batches, reader.schema), is_cut)
    return SqlAnswer(pa.Table.from_batches(batches, reader.schema), is_cut=False)


def _functions(node: Any, *, in_from: bool = False) -> Iterator[tuple[str, bool]]:
    """Every function that is called, lower case, and whether it stands in FROM."""
    waiting = [(node, in_from)]
    while waiting:
        current, is_source = waiting.pop()
        if isinstance(current, dict):
            if name := current.get("function_name"):
                yield str(name).lower(), is_source
            is_table = current.get("type") == "TABLE_FUNCTION"
            waiting.extend((value, is_table and key == "function") for key, value in current.items())
        elif isinstance(current, list):
            waiting.extend((value, False) for value in current)
