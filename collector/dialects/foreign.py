"""The columns of a span that another instrumentation made, by the table in `dialects.py`."""

from collections.abc import Callable
from typing import Any, NamedTuple

from collector.dialects import table as d
from collector.dialects.packed_values import Reader, graph_node, response_id, unquoted
from collector.spans.attribute_values import Attributes
from collector.spans.billing import billing_of
from collector.spans.last_question import last_question
from collector.spans.promotion import amount, count, text, texts
from composite_llm import conventions as c

TOKENS = ("input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens")
OWN_TYPES = frozenset({c.REQUEST, c.STAGE, c.LLM_CALL})
LONGEST_WORD = 40

Take = Callable[..., Any]
TAKES: dict[str, Take] = {"cost_usd": amount} | dict.fromkeys(TOKENS, count)


class _Columns(NamedTuple):
    """One dialect's part of the table, flat."""

    simple: tuple[tuple[str, Take, tuple[str, ...]], ...]
    tags: tuple[str, ...]
    blobs: tuple[tuple[str, Reader], ...]
    content: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Column, our own key for it, the dialect's."""


CONTENT_COLUMNS = {
    c.INPUT_VALUE: "input_value",
    c.OUTPUT_VALUE: "output_value",
    c.INPUT_MESSAGES: "input_messages",
    c.OUTPUT_MESSAGES: "output_messages",
}
"""Our own keys for content. Such a text is stored in its column only."""


def _columns_of(dialect: str) -> _Columns:
    keys = {
        column: tuple(dict.fromkeys((*by_dialect.get(dialect, ()), *by_dialect.get(d.GEN_AI, ()))))
        for column, by_dialect in d.KEYS.items()
    }
    return _Columns(
        simple=tuple((column, TAKES.get(column, text), keys[column]) for column in keys if column != "tags"),
        tags=keys["tags"],
        blobs=d.BLOBS.get(dialect, ()),
        content=tuple(
            (column, own, d.CONTENT[column].get(dialect, ())) for own, column in CONTENT_COLUMNS.items()
        ),
    )


_COLUMNS = {dialect: _columns_of(dialect) for dialect in d.MARKS}
_FOREIGN_CONTENT = {
    dialect: tuple((own, key) for _, own, keys in table.content for key in keys)
    for dialect, table in _COLUMNS.items()
}
_MARKS = tuple((dialect, frozenset(keys)) for dialect, keys in d.MARKS.items())
_ANY_MARK = frozenset[str]().union(*d.MARKS.values()) - d.NO_MARKS_ALONE


def foreign_content(dialect: str | None) -> tuple[tuple[str, str], ...]:
    """Our key and the dialect's, for each text of content that may have been moved."""
    return _FOREIGN_CONTENT.get(dialect or "", ())


def foreign_columns(
    attributes: Attributes, lost: set[str], *, is_root: bool, failed: bool
) -> dict[str, Any] | None:
    """Columns by name, or None for a span that says nothing of models.

    Texts of content are moved out of `attributes`; a key that had no value to begin with is added to `lost`.
    """
    if _ANY_MARK.isdisjoint(attributes) or attributes.get(d.PENDING[0]) == d.PENDING[1]:
        return None
    dialect = next(dialect for dialect, marks in _MARKS if not marks.isdisjoint(attributes))
    table = _COLUMNS[dialect]
    row: dict[str, Any] = {column: take(attributes, *keys) for column, take, keys in table.simple}
    row["dialect"] = dialect
    row["tags"] = next(filter(None, (texts(attributes, key) for key in table.tags)), ())
    for key, read in table.blobs:
        if value := text(attributes, key):
            row.update(read(value))
    _complete(row, attributes, dialect)
    _whole(row)
    _decide(row, failed=failed)
    _move_content(row, attributes, table, lost, is_root=is_root)
    return row


def _complete(row: dict[str, Any], attributes: Attributes, dialect: str) -> None:
    """What stands in the middle of other texts."""
    if dialect == d.MLFLOW:
        row.update({name: unquoted(value) for name, value in row.items() if isinstance(value, str)})
    if row["response_id"] is None and (answer := text(attributes, d.RESPONSE_ID_IN.get(dialect, ""))):
        row["response_id"] = response_id(answer)
    if dialect == d.OPENINFERENCE and row["role"] is None and (told := text(attributes, d.NODE_IN)):
        row["role"] = graph_node(told)


def _whole(row: dict[str, Any]) -> None:
    """A part that is larger than its whole was reported beside it, so the whole lacks it."""
    beside = (row["cached_tokens"] or 0) + (row["cache_write_tokens"] or 0)
    if row["input_tokens"] is not None and beside > row["input_tokens"]:
        row["input_tokens"] += beside
    reasoning = row["reasoning_tokens"] or 0
    if row["output_tokens"] is not None and reasoning > row["output_tokens"]:
        row["output_tokens"] += reasoning


def _decide(row: dict[str, Any], *, failed: bool) -> None:
    """What kind of span it is; whether its usage counts is decided with the rest of its trace in sight."""
    word = (row["span_type"] or "").lower()[:LONGEST_WORD]
    if word in d.CALLS or (not word and row["model"] is not None):
        row["span_type"] = c.LLM_CALL
    elif word in d.TOOLS:
        row["span_type"] = "tool"
    else:
        row["span_type"] = None if word in OWN_TYPES else d.CONTAINERS.get(word, word) or None
    row["is_llm_call"] = row["span_type"] == c.LLM_CALL
    if row["cost_usd"] is not None:
        row["cost_source"] = row["dialect"]
    used = row["input_tokens"] is not None or row["output_tokens"] is not None
    row["billing"] = billing_of(row["cost_usd"], used=used, refused=failed) if row["is_llm_call"] else None


def _move_content(
    row: dict[str, Any], attributes: Attributes, table: _Columns, lost: set[str], *, is_root: bool
) -> None:
    for column, own, keys in table.content:
        if own in attributes:
            continue
        for key in keys:
            value = attributes.get(key, "")
            if value is None:
                lost.add("no value")
            elif isinstance(value, str) and value and column not in row:
                row[column] = value
                attributes[key] = None
    if is_root:
        asked = row.get("input_value") or text(attributes, c.INPUT_VALUE)
        asked = asked or row.get("input_messages") or text(attributes, c.INPUT_MESSAGES)
        row["question"] = last_question(asked) if asked else None
