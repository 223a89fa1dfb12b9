"""The SQL files, by name. One statement a file; the first line says what a row is.

They are written in DuckDB's dialect. `sql/clickhouse/` holds the schema of the other engine, and a question's
own file only where the translation of collector/store/clickhouse/dialect.py does not do.
"""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"
CLICKHOUSE = FOLDER / "clickhouse"

TABLE_MACRO = re.compile(r"create or replace macro (\w+)\(([^)]*)\) as table")


@cache
def schema(folder: Path = FOLDER) -> tuple[str, ...]:
    """Every object of the schema, in the order in which they build on each other."""
    return tuple(file.read_text() for file in sorted((folder / "schema").glob("*.sql")))


@cache
def migrations() -> tuple[str, ...]:
    """What leads from each schema version to the next: the first entry from 1 to 2."""
    return tuple(file.read_text() for file in sorted((FOLDER / "migrations").glob("*.sql")))


@cache
def table_macros() -> dict[str, list[str]]:
    """The names of each table macro's arguments."""
    found = (TABLE_MACRO.search(statement) for statement in schema())
    return {macro[1]: re.split(r",\s*", macro[2]) for macro in found if macro}


@cache
def landing(name: str, folder: Path = FOLDER) -> str:
    return (folder / "landing" / f"{name}.sql").read_text()


@cache
def query(name: str, folder: Path = FOLDER) -> str:
    """The question's file of that engine, if it needs one of its own; else the file for both."""
    own = folder / "queries" / f"{name}.sql"
    return (own if own.exists() else FOLDER / "queries" / f"{name}.sql").read_text()


@cache
def clickhouse_dialect() -> str:
    return (CLICKHOUSE / "dialect.sql").read_text()


def query_names() -> list[str]:
    return sorted(file.stem for file in (FOLDER / "queries").glob("*.sql"))


@cache
def pruning(name: str, folder: Path = FOLDER) -> str:
    return (folder / "pruning" / f"{name}.sql").read_text()
