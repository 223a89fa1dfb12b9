"""SQL that somebody wrote by hand, on ClickHouse, within bounds the server keeps.

A client of its own begins in read-only mode: the server then refuses writes, other settings, and table
functions that reach files, other hosts or programs.
"""

import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pyarrow as pa
from clickhouse_connect.driver.common import StreamContext
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError

from collector.errors import QuestionError
from collector.store.clickhouse import dialect as clickhouse_dialect
from collector.store.clickhouse.connection import READING, TIMED_OUT, Connect, first_line
from collector.store.duckdb.cancellation import Cancellation
from collector.store.sql_answer import SqlAnswer, first_rows

QUERY_MEMORY = 1024**3
ROWS_AT_ONCE = 2048


def answer(
    connect: Connect,
    text: str,
    parameters: Mapping[str, object] | list[object],
    *,
    row_limit: int,
    seconds: float,
    cancellation: Cancellation,
) -> SqlAnswer:
    """The first `row_limit` rows."""
    if isinstance(parameters, list):
        if parameters:
            raise QuestionError('name the parameters: select $model, with {"model": ...}')
        parameters = {}
    limits = READING | {
        "max_execution_time": seconds,
        "max_memory_usage": QUERY_MEMORY,
        # One more says that there was more. Bytes are counted here: the server would not say that it stopped.
        "max_result_rows": row_limit + 1,
        "result_overflow_mode": "break",
        "max_block_size": ROWS_AT_ONCE,
        # Last: from here on nothing can be set.
        "readonly": 1,
    }
    statement = clickhouse_dialect.with_types(text, parameters)
    query_id = uuid.uuid4().hex
    began = time.monotonic()
    with connect(settings=limits) as client:
        try:
            with cancellation.watched(lambda: kill(connect, query_id), seconds):
                return _first_rows(
                    client.query_arrow_stream(
                        statement,
                        parameters=dict(parameters),
                        settings={"query_id": query_id},
                        use_strings=True,
                    ),
                    row_limit,
                )
        except (ClickHouseError, pa.ArrowException, OSError) as error:
            raise _refused(
                error, seconds, cancellation, is_late=time.monotonic() - began >= seconds
            ) from error


def _first_rows(stream: StreamContext, row_limit: int) -> SqlAnswer:
    with stream as batches:
        reader: Any = stream.gen
        return first_rows(reader.schema, batches, row_limit)


def kill(connect: Connect, query_id: str) -> None:
    # A server that is away says so to the query itself.
    with suppress(ClickHouseError), connect() as client:
        client.command("kill query where query_id = {id:String} async", parameters={"id": query_id})


def _refused(error: Exception, seconds: float, cancellation: Cancellation, *, is_late: bool) -> QuestionError:
    if cancellation.is_cancelled:
        return QuestionError("the query was cancelled; ask for less, or for a shorter time")
    # What stops an answer that has begun comes as broken Arrow.
    if is_late or (isinstance(error, DatabaseError) and error.code in TIMED_OUT):
        return QuestionError(f"it took longer than {seconds:g} s; ask for less, or for a shorter time")
    return QuestionError(first_line(error))
