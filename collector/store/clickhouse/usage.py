"""Keeps what counts of others' usage right on ClickHouse, where several collectors may land one trace.

What is decided before the insert sees what is stored by then; what is decided after it also sees what others
have inserted meanwhile. A decision is written as a newer version of its span, and its revision is how many
spans of the trace it knew: one made with less in sight never replaces one made with more.
"""

from collections import defaultdict
from typing import Any, NamedTuple

import pyarrow as pa

from collector.dialects.table import COMPOSITE
from collector.store import statements, usage_decisions
from collector.store.clickhouse.connection import IDS_A_LOOK, ClickhouseConnection
from collector.store.usage_decisions import Decisions
from collector.usage.rules import Decision
from collector.usage.usage_span import UsageSpan

LOOKED_AT = ("dialect", "is_llm_call", "input_tokens", "output_tokens", "cost_usd")


class Stored(NamedTuple):
    span: UsageSpan
    decided: tuple[Any, ...]


class Traces(NamedTuple):
    """Traces that spans of others carry usage in, and between what moments their spans start."""

    ids: list[str]
    first_ns: int
    last_ns: int


def foreign(fresh: pa.Table) -> pa.Array:
    """For each row, whether it is usage of another instrumentation."""
    rows = zip(*usage_decisions.columns(fresh, LOOKED_AT), strict=True)
    return pa.array(
        [
            dialect not in (None, COMPOSITE) and (is_call or any(part is not None for part in usage))
            for dialect, is_call, *usage in rows
        ],
        pa.bool_(),
    )


class ClickhouseUsage:
    def __init__(self, connection: ClickhouseConnection) -> None:
        self._connection = connection

    def traces(self, bounds: pa.Table) -> Traces | None:
        """Those of the batch that need a decision; None is the common case of our own spans alone."""
        found = self._chunked("foreign_traces", bounds["trace_id"].to_pylist(), {})
        if not found:
            return None
        ids = [row["trace_id"] for row in found]
        return Traces(ids, min(row["first_ns"] for row in found), max(row["last_ns"] for row in found))

    def decided(self, traces: Traces, fresh: pa.Table) -> tuple[pa.Table, pa.Array]:
        """The fresh rows with what is decided about them before they are stored, and their revisions."""
        stored = self._stored(traces)
        wanted = set(traces.ids)
        arrived = [span for span in usage_decisions.usage_spans(fresh) if span.trace_id in wanted]
        decisions, known = _decisions(stored, arrived)
        revisions = [known.get(trace_id, 0) for trace_id in fresh["trace_id"].to_pylist()]
        return usage_decisions.with_decisions(fresh, decisions), pa.array(revisions, pa.uint32())

    def revise(self, traces: Traces, fresh: pa.Table) -> None:
        """Once the fresh rows are stored: correct whatever was decided with less in sight."""
        stored = self._stored(traces)
        large = {trace_id for trace_id, many in _sizes(stored).items() if many > usage_decisions.MOST_SPANS}
        # Of those, a decision about a span looks at nothing else.
        landed = set(zip(fresh["trace_id"].to_pylist(), fresh["span_id"].to_pylist(), strict=True))
        decisions, known = _decisions(stored, [])
        changed: dict[tuple[Decision, int], list[UsageSpan]] = defaultdict(list)
        for span, before in stored:
            key = (span.trace_id, span.span_id)
            decision = decisions.get(key)
            if (
                decision is None
                or tuple(decision) == before
                or (span.trace_id in large and key not in landed)
            ):
                continue
            changed[decision, known[span.trace_id]].append(span)
        for (decision, revision), spans in changed.items():
            for first in range(0, len(spans), IDS_A_LOOK):
                self._revise(spans[first : first + IDS_A_LOOK], decision, revision)

    def _revise(self, spans: list[UsageSpan], decision: Decision, revision: int) -> None:
        self._connection.command(
            statements.landing("revise_spans", statements.CLICKHOUSE),
            parameters={
                "trace_ids": sorted({span.trace_id for span in spans}),
                "keys": [span.trace_id + span.span_id for span in spans],
                "first_ns": min(span.start_ns for span in spans),
                "last_ns": max(span.start_ns for span in spans),
                "counts": decision.counts,
                "rule": decision.rule,
                "billing": decision.billing,
                "revision": revision,
            },
        )

    def _stored(self, traces: Traces) -> list[Stored]:
        bounds = {
            "first_ns": traces.first_ns,
            "last_ns": traces.last_ns,
            "most": usage_decisions.MOST_SPANS,
        }
        rows = self._chunked("usage_spans", traces.ids, bounds)
        return [
            Stored(UsageSpan(*values[:-3]), values[-3:]) for values in (tuple(row.values()) for row in rows)
        ]

    def _chunked(self, statement: str, ids: list[str], parameters: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for first in range(0, len(ids), IDS_A_LOOK):
            looked_for = parameters | {"trace_ids": ids[first : first + IDS_A_LOOK]}
            text = statements.landing(statement, statements.CLICKHOUSE)
            found += self._connection.query(text, looked_for, {}).to_pylist()
        return found


def _decisions(stored: list[Stored], arrived: list[UsageSpan]) -> tuple[Decisions, dict[str, int]]:
    """And how many spans of each trace they were made with."""
    spans = {(span.trace_id, span.span_id): span for span in [*(each.span for each in stored), *arrived]}
    known: dict[str, int] = defaultdict(int)
    for trace_id, _ in spans:
        known[trace_id] += 1
    return usage_decisions.decisions(spans.values(), _sizes(stored)), known


def _sizes(stored: list[Stored]) -> dict[str, int]:
    sizes: dict[str, int] = defaultdict(int)
    for each in stored:
        sizes[each.span.trace_id] += 1
    return sizes
