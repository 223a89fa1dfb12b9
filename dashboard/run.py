"""One run opened for reading: its figures, its spans in tree order, the path that decided how long it took."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import pyarrow as pa

from collector.audit.critical_path import PlacedSpan, Segment, critical_path
from collector.client import CollectorClient
from composite_llm import conventions as c
from composite_llm.accounting.ledger import UNWANTED
from dashboard import garbage
from dashboard.answers import Summary, row_of
from dashboard.costs import costs
from dashboard.folding import parents_of
from dashboard.naming import columns_of, short_names, span_names


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
        with garbage.kept():
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

    def span(self, row: int) -> dict[str, Any]:
        """One row of `spans` by the names of its columns."""
        return {name: self.spans[name][row].as_py() for name in self.spans.column_names}

    @cached_property
    def parents(self) -> list[int]:
        """The row of each span's parent, -1 for a root."""
        return parents_of(self.spans["depth"].to_pylist())

    @cached_property
    def cost_texts(self) -> list[str]:
        """Of each span what it cost with everything under it; empty where nothing under it costs anything."""
        return costs(self.spans, self.parents).texts

    @cached_property
    def total_costs(self) -> list[float | None]:
        """US dollars of each span with everything under it, as far as prices are known; None where none is."""
        sums: list[float | None] = [
            usd if how == "priced" else None for usd, how in columns_of(self.spans, "cost_usd", "billing")
        ]
        for row in range(len(sums) - 1, -1, -1):
            parent, usd = self.parents[row], sums[row]
            if parent >= 0 and usd is not None:
                sums[parent] = (sums[parent] or 0.0) + usd
        return sums

    @cached_property
    def model_labels(self) -> dict[str, str]:
        """Models without their provider, where that still tells them apart."""
        called = columns_of(self.spans, "model", "is_llm_call")
        return short_names(model for model, call in called if call and model)

    def children(self, span_id: str) -> list[int]:
        """The rows of the spans directly below, in order of time."""
        own = self.row_of[span_id]
        return [row for row, parent in enumerate(self.parents) if parent == own]

    def attempts(self, span_id: str) -> list[int]:
        """The rows of all attempts at the call that this span is one of, itself among them; empty for what was sent
        once, and for what is no call."""
        own = self.row_of[span_id]
        role, index, call = (self.spans[name][own].as_py() for name in ("role", "call_index", "is_llm_call"))
        if not call or index is None:
            return []
        told = enumerate(columns_of(self.spans, "role", "call_index", "is_llm_call"))
        rows = [
            row
            for row, which in told
            if which == (role, index, True) and self.parents[row] == self.parents[own]
        ]
        numbers = self.spans["attempt"]
        # A model that uses tools is asked several times at one place: those are no attempts at one call.
        return rows if len({numbers[row].as_py() for row in rows}) == len(rows) > 1 else []

    @cached_property
    def model_work_ms(self) -> float:
        """Time spent in model calls, added up as if they had run one after another."""
        return sum(ms for ms, is_call in columns_of(self.spans, "duration_ms", "is_llm_call") if is_call)

    @cached_property
    def critical_ms(self) -> float:
        """The critical path: all of the time in which some span of it was under way."""
        return sum(segment.end_ms - segment.start_ms for segment in self.critical)

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
    def retry_wait_ms(self) -> float:
        """How much of the critical path is a pause between a try that failed and the next one."""
        tries: dict[tuple[int, Any, Any], list[tuple[float, float, int]]] = defaultdict(list)
        wanted = ("is_llm_call", "role", "call_index", "is_hedge", "start_ms", "end_ms", "attempt")
        for row, (call, role, index, hedge, *times, attempt) in enumerate(columns_of(self.spans, *wanted)):
            if call and index is not None and not hedge:
                tries[self.parents[row], role, index].append((*times, attempt or 1))
        # A model that uses tools is asked several times at one place: only a higher number is another try.
        pauses = [
            (ended, began)
            for made in tries.values()
            for (_, ended, earlier), (began, _, later) in pairwise(sorted(made))
            if ended < began and later > earlier
        ]
        is_call = self.spans["is_llm_call"].to_pylist()
        own = [segment for segment in self.critical if not is_call[self.row_of[segment.span_id]]]
        return sum(_overlap((each.start_ms, each.end_ms), pauses) for each in own)

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
    def estimated_calls(self) -> int:
        """Calls whose tokens were counted from the words, since their provider told none."""
        told = columns_of(self.spans, "usage_source", "is_llm_call")
        return sum(source == "estimated" and call for source, call in told)

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


def _overlap(stretch: tuple[float, float], pauses: Iterable[tuple[float, float]]) -> float:
    """How much of a stretch is covered by any of the pauses, which may overlap."""
    covered, reached = 0.0, stretch[0]
    for start, end in sorted(pauses):
        start, end = max(start, reached), min(end, stretch[1])
        if start < end:
            covered += end - start
            reached = end
    return covered


def open_run(client: CollectorClient, trace_id: str) -> Run | None:
    """One trace as its collector knows it, None if it does not."""
    known = client.ask("trace_summary", trace_id=trace_id)
    if not known.num_rows:
        return None
    spans = client.ask("trace_spans", trace_id=trace_id)
    return Run.of(row_of(Summary, known), spans, request_of(client, trace_id, spans))


def request_of(client: CollectorClient, trace_id: str, spans: pa.Table) -> Mapping[str, Any]:
    """The attributes of the composite request; of several in one trace those of the outermost that came first."""
    found = [row for row in columns_of(spans, "depth", "span_id", "span_type") if row[2] == c.REQUEST]
    if not found:
        return {}
    _, span_id, _ = min(found, key=lambda row: row[0])
    wanted = {"span_ids": [span_id], "most_input": 0, "most_output": 0}
    told = client.ask("span_contents", trace_id=trace_id, **wanted)["attributes"].to_pylist()
    return json.loads(told[0]) if told else {}
