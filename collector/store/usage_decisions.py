"""What counts of the usage in a batch of traces, over rows of whichever engine."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeAlias

import pyarrow as pa

from collector.usage import rules as usage_rules
from collector.usage.rules import Decision
from collector.usage.usage_span import UsageSpan

MOST_SPANS = 10_000
"""A larger trace is not held in memory to be compared: its calls count, its containers do not."""

DECIDED = ("is_llm_call", "usage_rule", "billing")
Decisions: TypeAlias = "dict[tuple[str, str], Decision]"


def decisions(spans: Iterable[UsageSpan], stored_sizes: dict[str, int]) -> Decisions:
    """By trace and span id. `stored_sizes` are the traces' numbers of spans in the store."""
    by_trace: dict[str, list[UsageSpan]] = defaultdict(list)
    for span in spans:
        by_trace[span.trace_id].append(span)
    found: Decisions = {}
    for trace_id, together in by_trace.items():
        is_large = max(len(together), stored_sizes.get(trace_id, 0)) > MOST_SPANS
        decided = usage_rules.decide_by_kind(together) if is_large else usage_rules.decide(together)
        found |= {(trace_id, span_id): decision for span_id, decision in decided.items()}
    return found


def usage_spans(table: pa.Table) -> list[UsageSpan]:
    return [UsageSpan(*row) for row in zip(*columns(table, UsageSpan._fields), strict=True)]


def with_decisions(fresh: pa.Table, decided: Decisions) -> pa.Table:
    """The fresh rows as they were decided about; the others as they were."""
    rows = zip(*columns(fresh, ("trace_id", "span_id", *DECIDED)), strict=True)
    values = [decided.get((trace_id, span_id)) or before for trace_id, span_id, *before in rows]
    for name, column in zip(DECIDED, turned(values, len(DECIDED)), strict=True):
        place = fresh.schema.get_field_index(name)
        field = fresh.schema.field(place)
        fresh = fresh.set_column(place, field, pa.array(column, field.type))
    return fresh


def columns(table: pa.Table, names: Iterable[str]) -> list[list[Any]]:
    return [table[name].to_pylist() for name in names]


def turned(rows: list[Any], width: int) -> list[tuple[Any, ...]]:
    """Rows as columns, also where there are none."""
    return list(zip(*rows, strict=True)) or [()] * width
