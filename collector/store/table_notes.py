"""What tables and columns mean, read from the comments beside their definitions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from collector.store import statements

TABLE = re.compile(r"create (?:table if not exists|or replace view) (\w+)")
MACRO = re.compile(r"create or replace macro (\w+)\(([^)]*)\) as table")
COLUMN = re.compile(r"    (\w+) [a-z]")
COMMENT = re.compile(r"\s*-- (.*)")
OPEN_TO_ALL = ("traces", "spans", "resources", "scopes")
"""The tables somebody writes queries about; the others hold what these are made from."""
FUNCTIONS = ("runs",)

UNITS = {"_ns": "ns", "_ms": "ms", "_usd": "US dollars", "_tokens": "tokens"}
"""By how names end."""


@dataclass(frozen=True, slots=True)
class TableNotes:
    name: str
    meaning: str
    columns: dict[str, str]
    """Those with something to say about."""


@cache
def tables() -> tuple[TableNotes, ...]:
    found = {notes.name: notes for notes in map(_table, statements.schema()) if notes}
    # What a trace adds up has its comments where the parts are kept.
    found["traces"].columns.update(found["trace_parts"].columns)
    return tuple(found[name] for name in OPEN_TO_ALL)


def unit_of(column: str) -> str:
    """Empty where there is none."""
    return next((unit for ending, unit in UNITS.items() if column.endswith(ending)), "")


@cache
def functions() -> tuple[TableNotes, ...]:
    """Table macros, named with their parameters."""
    calls = ((MACRO.search(text), text) for text in statements.schema())
    found = {call[1]: TableNotes(f"{call[1]}({call[2]})", _heading(text), {}) for call, text in calls if call}
    return tuple(found[name] for name in FUNCTIONS)


def _table(text: str) -> TableNotes | None:
    named = TABLE.search(text)
    return TableNotes(named[1], _heading(text), dict(_columns(text[named.end() :]))) if named else None


def _heading(text: str) -> str:
    lines: list[str] = []
    for line in text.splitlines():
        comment = COMMENT.match(line)
        if comment is None:
            break
        lines.append(comment[1])
    return " ".join(lines)


def _columns(text: str) -> Iterator[tuple[str, str]]:
    """Comments stand on the lines before a column, or behind it."""
    above: list[str] = []
    for line in text.splitlines():
        definition, _, behind = line.partition("--")
        column = COLUMN.match(definition)
        if column:
            if said := " ".join([*above, behind.strip()]).strip():
                yield column[1], said
            above = []
        elif behind and not definition.strip():
            above.append(behind.strip())
