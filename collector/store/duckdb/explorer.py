"""SQL that somebody wrote by hand, on DuckDB, within bounds of rows, time and memory."""

import re
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from collector.errors import QuestionError
from collector.store import sql_check
from collector.store.duckdb.cancellation import Cancellation
from collector.store.duckdb.damage import words
from collector.store.sql_answer import SqlAnswer, first_rows

QUERY_MEMORY = "256MB"
ROWS_AT_ONCE = 2048

LINE_NUMBER = re.compile(r"^LINE (\d+):", re.MULTILINE)


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
        sql_check.check(cursor, text)
        cursor.execute(f"set operator_memory_limit = '{QUERY_MEMORY}'")
        with cancellation.watched(cursor.interrupt, seconds):
            # Rows are made as they are read, so what lies beyond the limit is never made.
            relation = cursor.sql(text, params=parameters or None)
            reader = relation.to_arrow_reader(ROWS_AT_ONCE)
            return first_rows(reader.schema, reader, row_limit)
    except duckdb.InterruptException as error:
        raise _stopped(seconds, cancellation) from error
    except OSError as error:  # as which Arrow's reader tells what the engine says between two batches
        if "INTERRUPT" in str(error):
            raise _stopped(seconds, cancellation) from error
        raise QuestionError(words(error)) from error
    except duckdb.OutOfMemoryException as error:
        raise QuestionError(
            f"the query needs more memory than it may have; ask for less. {words(error)}"
        ) from error
    except duckdb.TransactionException as error:
        raise QuestionError(f"this only answers questions, nothing can be written: {error}") from error
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise QuestionError(_with_place(cursor, text, error)) from error
    except duckdb.Error as error:
        raise QuestionError(words(error)) from error
    except pa.ArrowInvalid as error:
        raise QuestionError(str(error)) from error


def _stopped(seconds: float, cancellation: Cancellation) -> QuestionError:
    reason = "the query was cancelled" if cancellation.is_cancelled else f"it took longer than {seconds:g} s"
    return QuestionError(f"{reason}; ask for less, or for a shorter time")


def _with_place(cursor: duckdb.DuckDBPyConnection, text: str, error: duckdb.Error) -> str:
    """The error with its line and a caret, which DuckDB gives only to those who prepare a statement."""
    try:
        cursor.execute(f"prepare asked as\n{text}")
    except duckdb.Error as placed:
        moved = LINE_NUMBER.sub(lambda found: f"LINE {int(found[1]) - 1}:".ljust(len(found[0])), str(placed))
        # Without a place of its own it is put where the statement begins, which is not the caller's.
        return str(error) if "LINE 0:" in moved else moved
    return str(error)
