"""One run opened for reading: its figures, its spans in tree order, the path that decided how long it took."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import pyarrow as pa

from collector.audit.critical_path import PlacedSpan, Segment, critical_path
from collector.client import CollectorClient
from composite_llm import conventions as c
from composite_llm.accounting.ledger import UNWANTED
from dashboard.answers import Summary, row_of
from dashboard.naming import columns_of, span_names


@dataclass(frozen=True)
class Run:
    summary: Summary
    spans: pa.Table
    """What the question `trace_spans` returns."""
    critical: Sequence[Segment]
    request: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Attributes of the composite request, by their original keys; empty where they were not asked for."""

    @classmethod
    def of(cls, summary: Summary, spans: pa.Table, request: Mapping[str, Any] | None = None) -> Self:
        places = columns_of(spans, "span_id", "depth", "start_ms", "end_ms", "outcome")
        critical = critical_path(
            [
                PlacedSpan(span_id, depth, start, end, outcome not in UNWANTED)
                for span_id, depth, start, end, outcome in places
            ]
        )
        return cls(summary, spans, critical, request or {})

    @property
    def revision(self) -> str:
        """Spans are only ever added, so their number tells two states of a trace apart."""
        return f"{self.summary.trace_id}:{self.spans.num_rows}"

    @cached_property
    def row_of(self) -> dict[str, int]:
        return {span_id: row for row, span_id in enumerate(self.spans["span_id"].to_pylist())}

    @cached_property
    def names(self) -> list[str]:
        return span_names(self.spans)

    @cached_property
    def model_work_ms(self) -> float:
        """Time spent in model calls, added up as if they had run one after another."""
        return sum(ms for ms, is_call in columns_of(self.spans, "duration_ms", "is_llm_call") if is_call)

    @cached_property
    def critical_model_ms(self) -> float:
        """How much of the critical path is waiting for a model."""
        is_call = self.spans["is_llm_call"].to_pylist()
        return sum(
            segment.end_ms - segment.start_ms
            for segment in self.critical
            if is_call[self.row_of[segment.span_id]]
        )

    @cached_property
    def unpriced_calls(self) -> list[str]:
        """The calls nobody knows the price of, by their models."""
        wanted = ("model", "name", "billing", "is_llm_call")
        return [
            model or name
            for model, name, billing, is_call in columns_of(self.spans, *wanted)
            if billing == "unpriced" and is_call
        ]

    @cached_property
    def has_missing_usage(self) -> bool:
        """True when an agent tells of more than the calls that are stored for it."""
        told = columns_of(self.spans, "billing", "is_llm_call")
        return any(billing == "unpriced" and not is_call for billing, is_call in told)

    @property
    def parallelism(self) -> float | None:
        """Model work over wall time: 2.1 means two calls ran side by side, on average."""
        return self.model_work_ms / self.summary.latency_ms if self.summary.latency_ms else None

    def neighbour(self, span_id: str, step: int) -> str | None:
        """The span `step` rows further down, None past either end."""
        row = self.row_of[span_id] + step
        return self.spans["span_id"][row].as_py() if 0 <= row < self.spans.num_rows else None


def open_run(client: CollectorClient, trace_id: str) -> Run | None:
    """One trace as its collector knows it, None if it does not."""
    known = client.ask("trace_summary", trace_id=trace_id)
    if not known.num_rows:
        return None
    spans = client.ask("trace_spans", trace_id=trace_id)
    return Run.of(row_of(Summary, known), spans, _request(client, trace_id, spans))


def _request(client: CollectorClient, trace_id: str, spans: pa.Table) -> Mapping[str, Any]:
    """Of several composites in one trace, of the outermost that came first."""
    found = [row for row in columns_of(spans, "depth", "span_id", "span_type") if row[2] == c.REQUEST]
    if not found:
        return {}
    _, span_id, _ = min(found, key=lambda row: row[0])
    [detail] = client.ask("span_detail", trace_id=trace_id, span_id=span_id).to_pylist()
    return json.loads(detail["attributes"])
