"""What a strategy's spans say in a window, as its statistics read it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.store.interface import Answers


@dataclass(frozen=True, slots=True)
class Call:
    """A model call that counts."""

    trace_id: str
    stage: str
    """Span id of its stage."""
    role: str
    index: int
    model: str
    outcome: str
    billing: str
    cost_usd: float | None
    """None: nobody knows."""
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A stage, or a node, and what it found out."""

    trace_id: str
    span_id: str
    start_ns: int
    stage_name: str
    said: Mapping[str, Any]
    """Its attributes, by their keys."""

    def json(self, key: str, expected: type) -> Any:
        """What the attribute says as JSON. None where there is none of it, or it is of another kind: attributes
        come from anybody."""
        try:
            value = json.loads(self.said[key])
        except (KeyError, TypeError, ValueError, RecursionError):
            return None
        return value if isinstance(value, expected) else None

    def number(self, key: str) -> float | None:
        value = self.said.get(key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class Observed:
    findings: Sequence[Finding]
    """In the order of time."""
    calls: Sequence[Call]
    by_run: Mapping[str, Sequence[Call]]

    @classmethod
    def of(cls, store: Answers, strategy: str, period: RunsOf) -> "Observed":
        asked = asdict(period) | {"strategy": strategy}
        findings = [_finding(row) for row in store.ask("findings", asked).to_pylist()]
        calls = [_call(row) for row in store.ask("strategy_calls", asked).to_pylist()]
        by_run: dict[str, list[Call]] = {}
        for call in calls:
            by_run.setdefault(call.trace_id, []).append(call)
        return cls(findings, calls, by_run)

    def with_key(self, key: str) -> list[Finding]:
        return [finding for finding in self.findings if key in finding.said]

    def calls_of(self, trace_id: str, role: str | None = None) -> list[Call]:
        return [call for call in self.by_run.get(trace_id, ()) if role in (None, call.role)]

    def models(self, trace_id: str, role: str) -> dict[int, str]:
        """By index the model that had this part in a run: of several attempts the last one's."""
        return {call.index: call.model for call in self.calls_of(trace_id, role)}


def as_table(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema)


def _finding(row: Mapping[str, Any]) -> Finding:
    said = json.loads(row["attributes"])
    return Finding(row["trace_id"], row["span_id"], row["start_ns"], row["stage_name"] or "", said)


def _call(row: Mapping[str, Any]) -> Call:
    return Call(
        row["trace_id"],
        row["parent_span_id"] or "",
        row["role"] or "",
        -1 if row["call_index"] is None else row["call_index"],
        row["model"] or "unknown",
        row["outcome"] or "",
        row["billing"] or "",
        row["cost_usd"],
        row["input_tokens"] or 0,
        row["output_tokens"] or 0,
    )
