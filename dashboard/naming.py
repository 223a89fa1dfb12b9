"""What a reader calls a span: `proposer 2`, `aggregate`, `moa`; else the name it was recorded with."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa


def span_names(spans: pa.Table) -> list[str]:
    """One name a span. A role is numbered where a trace has several of it side by side; a stage is called what kind it
    is, or by its own name where that would not tell it from another one."""
    wanted = ("name", "span_type", "role", "call_index", "strategy", "stage_kind", "stage_name")
    numbered = {role for role, index in columns_of(spans, "role", "call_index") if index}
    stages = set(columns_of(spans, "stage_kind", "stage_name"))
    kinds = Counter(kind for kind, _ in stages)
    return _each(columns_of(spans, *wanted), lambda row: _name(*row, numbered=numbered, kinds=kinds))


def mark(
    status: str,
    outcome: str | None,
    attempt: int | None,
    is_orphan: bool,
    is_call: bool,
    is_hedge: bool = False,
) -> str:
    """What is unusual about a span, in a word or two: `retry 1 · timeout`, `hedge · hedge lost`, `parent missing`."""
    failed = status == "error" and outcome in (None, "ok")
    words = [
        _which_attempt(attempt, is_hedge) if is_call else "",
        "failed" if failed else "",
        outcome.replace("_", " ") if outcome and outcome != "ok" else "",
        "parent missing" if is_orphan else "",
    ]
    return " · ".join(word for word in words if word)


def _which_attempt(attempt: int | None, is_hedge: bool) -> str:
    """A hedge is sent while the attempt before it still runs: nothing has failed."""
    if is_hedge:
        return "hedge"
    return f"retry {attempt - 1}" if attempt and attempt > 1 else ""


def span_marks(spans: pa.Table) -> list[str]:
    wanted = ("status", "outcome", "attempt", "is_orphan", "is_llm_call", "is_hedge")
    return _each(columns_of(spans, *wanted), lambda row: mark(*row))


def short_names(models: Iterable[str]) -> dict[str, str]:
    """Each model without its provider, where that still tells them apart: `openai/gpt-4o` is `gpt-4o`."""
    distinct = set(models)
    shared = Counter(model.rpartition("/")[2] for model in distinct)
    return {
        model: short if shared[short := model.rpartition("/")[2]] == 1 and short else model
        for model in distinct
    }


def alike(rows: Iterable[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], list[int]]:
    """The different rows, and the place of each row among them."""
    known: dict[tuple[Any, ...], int] = {}
    places = [known.setdefault(row, len(known)) for row in rows]
    return list(known), places


def columns_of(spans: pa.Table, *names: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table, cut down to some columns."""
    return zip(*(spans[name].to_pylist() for name in names), strict=True)


def _each(rows: Iterable[tuple[Any, ...]], said: Callable[[tuple[Any, ...]], str]) -> list[str]:
    """What is said of each row, worked out once for rows that are alike: a long trace has few kinds of them."""
    distinct, places = alike(rows)
    known = [said(row) for row in distinct]
    return [known[place] for place in places]


def _name(
    name: str,
    span_type: str | None,
    role: str | None,
    call_index: int | None,
    strategy: str | None,
    stage_kind: str | None,
    stage_name: str | None,
    *,
    numbered: set[str],
    kinds: Mapping[str | None, int],
) -> str:
    match span_type:
        case "llm_call" if role:
            return f"{role} {call_index + 1}" if role in numbered and call_index is not None else role
        case "stage" if stage_kind:
            own = (stage_name or "").partition(".")[2]  # `turn2` of `rlm.turn2`
            return own if own and kinds[stage_kind] > 1 else stage_kind
        case "request" if strategy:
            return strategy
        case _:
            return name
