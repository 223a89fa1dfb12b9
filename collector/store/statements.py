"""The SQL files, by name. One statement a file; the first line says what a row is."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"


@cache
def schema() -> tuple[str, ...]:
    """Every object of the schema, in the order in which they build on each other."""
    return tuple(file.read_text() for file in sorted((FOLDER / "schema").glob("*.sql")))


@cache
def migrations() -> tuple[str, ...]:
    """What leads from each schema version to the next: the first entry from 1 to 2."""
    return tuple(file.read_text() for file in sorted((FOLDER / "migrations").glob("*.sql")))


@cache
def landing(name: str) -> str:
    return (FOLDER / "landing" / f"{name}.sql").read_text()


@cache
def query(name: str) -> str:
    return (FOLDER / "queries" / f"{name}.sql").read_text()


def query_names() -> list[str]:
    return sorted(file.stem for file in (FOLDER / "queries").glob("*.sql"))
