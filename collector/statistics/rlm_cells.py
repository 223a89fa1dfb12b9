"""The code that recursive runs had run: how it ended, and where it ran."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.observed import Observed, as_table
from collector.statistics.spent import TEXT, WHOLE
from collector.store.interface import Answers
from composite_llm import conventions as c

CELLS = pa.schema(
    {
        "sandbox": TEXT,
        "exit": TEXT,
        "exception_type": TEXT,
        "cells": WHOLE,
        "truncated": WHOLE,
        "sub_calls": WHOLE,
        "stdout_chars": WHOLE,
    }
)


@dataclass(frozen=True, slots=True, order=True)
class _Kind:
    sandbox: str
    exit: str
    exception_type: str


def rlm_cells(store: Answers, period: RunsOf) -> pa.Table:
    """One row per way in which cells ended, the most frequent first: sandbox (monty | locked | unsafe_local), exit
    (ok | exception | crash | the limit it met), exception_type (null where none was raised), cells, truncated (whose
    output was too long to be shown whole), sub_calls (that they made), stdout_chars (that they printed)."""
    observed = Observed.of(store, "rlm", period)
    cells, sums = Counter[_Kind](), Counter[tuple[_Kind, str]]()
    for cell in observed.with_key(c.REPL_EXIT):
        kind = _Kind(
            cell.text(c.REPL_SANDBOX) or "unknown",
            cell.text(c.REPL_EXIT) or "unknown",
            cell.text(c.REPL_EXCEPTION_TYPE) or "",
        )
        cells[kind] += 1
        sums[kind, "truncated"] += cell.flag(c.REPL_TRUNCATED) is True
        sums[kind, "sub_calls"] += cell.whole(c.REPL_SUB_CALLS) or 0
        sums[kind, "stdout_chars"] += cell.whole(c.REPL_STDOUT_CHARS) or 0
    most_first = sorted(cells.items(), key=lambda item: (-item[1], item[0]))
    return as_table((_row(kind, count, sums) for kind, count in most_first), CELLS)


def _row(kind: _Kind, count: int, sums: Counter[tuple[_Kind, str]]) -> dict[str, Any]:
    return {
        "sandbox": kind.sandbox,
        "exit": kind.exit,
        "exception_type": kind.exception_type or None,
        "cells": count,
        **{name: sums[kind, name] for name in ("truncated", "sub_calls", "stdout_chars")},
    }
