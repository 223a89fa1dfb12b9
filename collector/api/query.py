"""`POST /query`: one SQL statement that only reads, and the first of its rows."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import pyarrow as pa
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from collector import arrow_stream
from collector.api import cells
from collector.api.small_body import SmallBodyRoute
from collector.errors import TooManyQueries
from collector.store.cancellation import Cancellation
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
    is_cut: Annotated[bool, Field(description="There were more rows than the limit, or than 64 MiB.")]


def router(store: TraceStore) -> APIRouter:
    routes = APIRouter(tags=["SQL"], route_class=SmallBodyRoute)
    slots = Slots(MOST_QUERIES)

    @routes.post(
        "/query",
        summary="Ask the store in SQL",
        response_model=Rows,
        responses={200: {"content": {arrow_stream.MEDIA_TYPE: {}, "text/csv": {}}}},
    )
    async def query(asked: Query, request: Request) -> Response:
        """One statement that only reads: nothing can be written, set, attached or read from files.
        `GET /schema` lists the tables. The query is cancelled when the client hangs up."""
        cancellation = Cancellation()

        def answered() -> Response:
            return _response(
                asked,
                store.sql(
                    asked.sql,
                    asked.parameters,
                    row_limit=asked.row_limit,
                    seconds=asked.seconds,
                    cancellation=cancellation,
                ),
            )

        with slots.taken():
            answering = asyncio.create_task(run_in_threadpool(answered))
            leaving = asyncio.create_task(_left(request))
            try:
                await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                # The client is gone, or the server ends, or there is nothing left to cancel.
                cancellation.cancel()
                leaving.cancel()
            return await answering

    return routes


class Slots:
    """Counted on the event loop alone."""

    def __init__(self, free: int) -> None:
        self._free = free

    @contextmanager
    def taken(self) -> Generator[None]:
        if not self._free:
            raise TooManyQueries(MOST_QUERIES)
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


async def _left(request: Request) -> None:
    """Done when the client has hung up. The body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _response(asked: Query, answer: SqlAnswer) -> Response:
    headers = {CUT_HEADER: "true" if answer.is_cut else "false"}
    match asked.format:
        case "arrow":
            return Response(
                arrow_stream.encoded(answer.table), headers=headers, media_type=arrow_stream.MEDIA_TYPE
            )
        case "csv":
            return Response(cells.as_csv(answer.table), headers=headers, media_type="text/csv")
        case "json":
            return Response(_json(answer), headers=headers, media_type="application/json")


def _json(answer: SqlAnswer) -> str:
    table: pa.Table = answer.table
    columns = [{"name": field.name, "type": str(field.type)} for field in table.schema]
    body = {"columns": columns, "rows": list(cells.rows(table)), "is_cut": answer.is_cut}
    return json.dumps(body, ensure_ascii=False, allow_nan=False)
