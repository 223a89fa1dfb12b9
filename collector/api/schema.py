"""`GET /schema`: the tables that `POST /query` can read."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from collector.store import table_notes
from collector.store.duckdb.cancellation import Cancellation
from collector.store.interface import TraceStore

COLUMNS = """select table_name, column_name, data_type from information_schema.columns
where table_name in ('traces', 'spans', 'resources', 'scopes') and table_schema not in ('information_schema')
order by table_name, ordinal_position"""


class Column(BaseModel):
    name: str
    type: str
    unit: Annotated[str, Field(description="ns, ms, US dollars, tokens; empty where there is none.")]
    meaning: Annotated[str, Field(description="Empty where the name says it.")]


class Table(BaseModel):
    name: str
    meaning: str
    columns: list[Column]


class Function(BaseModel):
    call: Annotated[str, Field(description="Write it in FROM, with these parameters.")]
    meaning: str


class Schema(BaseModel):
    tables: list[Table]
    functions: list[Function]


def router(store: TraceStore) -> APIRouter:
    routes = APIRouter(tags=["SQL"])

    @routes.get("/schema", summary="The tables that can be asked in SQL", response_model=Schema)
    def schema() -> Any:
        """Tables and columns with what they mean. Model calls are the rows of `spans` where `is_llm_call`."""
        found = store.sql(COLUMNS, {}, row_limit=10_000, seconds=30.0, cancellation=Cancellation())
        rows = [tuple(row.values()) for row in found.table.to_pylist()]
        return {
            "tables": [_table(notes, rows) for notes in table_notes.tables()],
            "functions": [
                {"call": notes.name, "meaning": notes.meaning} for notes in table_notes.functions()
            ],
        }

    return routes


def _table(notes: table_notes.TableNotes, rows: list[tuple[str, ...]]) -> dict[str, Any]:
    columns = [
        {
            "name": column,
            "type": kind,
            "unit": table_notes.unit_of(column),
            "meaning": notes.columns.get(column, ""),
        }
        for table, column, kind in rows
        if table == notes.name
    ]
    return {"name": notes.name, "meaning": notes.meaning, "columns": columns}
