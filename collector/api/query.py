"""`POST /query`: one SQL statement that only reads, and the first of its rows."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from collector import arrow_stream
from collector.api import cells
from collector.api.asking import Asking
from collector.api.small_body import SmallBodyRoute
from collector.errors import QuestionError
from collector.store.duckdb.cancellation import Cancellation
from collector.store.interface import TraceStore
from collector.store.sql_answer import CUT_HEADER, SqlAnswer

MOST_QUERIES = 2
"""At once, so that ingest and the dashboard's questions always find a processor and memory."""


class Query(BaseModel):
    """A statement and how far it may go."""

    model_config = ConfigDict(extra="forbid")

    sql: Annotated[str, Field(min_length=1, max_length=20_000, description="One statement that only reads.")]
    parameters: Annotated[
        dict[str, Any] | list[Any], Field(description="Bound to $name, or to ? in their order.")
    ] = {}
    row_limit: Annotated[int, Field(ge=1, le=1_000_000, description="Rows beyond it are not computed.")] = (
        10_000
    )
    seconds: Annotated[float, Field(gt=0, le=300, description="The query ends after so long.")] = 30.0
    format: Annotated[Literal["json", "arrow", "csv"], Field(description="How the rows come.")] = "json"


class Column(BaseModel):
    name: str
    type: str


class Rows(BaseModel):
    columns: list[Column]
    rows: list[list[Any]]
    is_cut: Annotated[
        bool, Field(description="There were more rows than the limit, than a million values, or than 64 MiB.")
    ]


def router(store: TraceStore, asking: Asking) -> APIRouter:
    routes = APIRouter(tags=["SQL"], route_class=SmallBodyRoute)

    @routes.post(
        "/query",
        summary="Ask the store in SQL",
        response_model=Rows,
        responses={200: {"content": {arrow_stream.MEDIA_TYPE: {}, "text/csv": {}}}},
    )
    async def query(asked: Query, request: Request) -> Response:
        """One statement that only reads: nothing can be written, set, attached or read from files.
        `GET /schema` lists the tables. The query is cancelled when the client hangs up."""
        async with asking.one_more(request) as cancellation:
            return await run_in_threadpool(_answered, store, asked, cancellation)

    return routes


def _answered(store: TraceStore, asked: Query, cancellation: Cancellation) -> Response:
    ends_at = time.monotonic() + asked.seconds

    def still_wanted() -> None:
        if cancellation.is_cancelled:
            raise QuestionError("the query was cancelled; ask for less, or for a shorter time")
        if time.monotonic() > ends_at:
            raise QuestionError(
                f"it took longer than {asked.seconds:g} s; ask for less, or for a shorter time"
            )

    answer = store.sql(
        asked.sql,
        asked.parameters,
        row_limit=asked.row_limit,
        seconds=asked.seconds,
        cancellation=cancellation,
    )
    return _response(asked, answer, still_wanted)


def _response(asked: Query, answer: SqlAnswer, still_wanted: Callable[[], None]) -> Response:
    headers = {CUT_HEADER: "true" if answer.is_cut else "false"}
    match asked.format:
        case "arrow":
            return Response(
                arrow_stream.encoded(answer.table), headers=headers, media_type=arrow_stream.MEDIA_TYPE
            )
        case "csv":
            return Response(
                _joined(cells.csv_parts(answer.table), still_wanted), headers=headers, media_type="text/csv"
            )
        case "json":
            return Response(
                _joined(_json_parts(answer), still_wanted), headers=headers, media_type="application/json"
            )


def _joined(parts: Iterator[str], still_wanted: Callable[[], None]) -> bytes:
    """Each part is small, so that other threads get the interpreter in between."""
    body = bytearray()
    for part in parts:
        still_wanted()
        body += part.encode()
    return bytes(body)


def _json_parts(answer: SqlAnswer) -> Iterator[str]:
    columns = [{"name": field.name, "type": str(field.type)} for field in answer.table.schema]
    yield f'{{"columns": {json.dumps(columns, ensure_ascii=False)}, "rows": ['
    separator = ""
    for few in cells.few_rows(answer.table):
        yield separator + json.dumps(few, ensure_ascii=False, allow_nan=False)[1:-1]
        separator = ", "
    yield f'], "is_cut": {json.dumps(answer.is_cut)}}}'
