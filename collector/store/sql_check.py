"""Which hand-written SQL DuckDB is given at all.

That nothing is written, read from a file or set is seen to by the transaction and the locked configuration.
What is refused here would still hurt: functions that act on the file or the process, and those that make a
huge value of a few characters, outside of the memory the engine counts.
"""

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from collector.errors import QuestionError
from collector.store import statements

TABLE_FUNCTIONS = frozenset(
    {
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
        "summary",
        "unnest",
        *statements.table_macros(),
    }
)
"""What may stand in FROM; the others act on the file, the process or other files."""

REFUSED = frozenset(
    {
        "array_reduce",
        "array_resize",
        "bitstring",
        "currval",
        "current_setting",
        "format",
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
    try:
        parsed = json.loads(tree)
    except RecursionError as error:
        raise QuestionError("the statement is nested too deeply; split it with WITH") from error
    if parsed["error"]:
        raise QuestionError(f"{ONE_SELECT} ({parsed['error_message']})")
    for name, in_from in _functions(parsed):
        if in_from and name not in TABLE_FUNCTIONS:
            allowed = ", ".join(sorted(TABLE_FUNCTIONS))
            raise QuestionError(f"{name}() cannot be read from here; table functions are: {allowed}")
        if not in_from and name in REFUSED:
            raise QuestionError(f"{name}() is not available here")


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
