"""What a strategy's spans say in a window, as its statistics read it.

A run is one composite request, wherever it stands: a trace may hold several, one inside the other or side by side. A
span belongs to the nearest request above it; what is spent below a span is what all calls below it cost, also those of
composites inside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding
from collector.statistics.spent import Spent
from collector.store.interface import Answers
from composite_llm import conventions as c

SpanKey = tuple[str, str]
"""Trace and span."""


@dataclass(slots=True)
class Call:
    """A model call that counts."""

    trace_id: str
    stage: str
    """Span id of what it stands under."""
    role: str
    index: int
    model: str
    outcome: str
    billing: str
    cost_usd: float | None
    """None: nobody knows."""
    input_tokens: int
    output_tokens: int

    @property
    def under(self) -> SpanKey:
        return self.trace_id, self.stage


@dataclass(frozen=True)
class Observed:
    findings: Sequence[Finding]
    """In the order of time."""
    calls: Sequence[Call]
    by_key: Mapping[SpanKey, Finding] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {finding.key: finding for finding in self.findings})

    @classmethod
    def of(cls, store: Answers, strategy: str, period: RunsOf) -> "Observed":
        asked = asdict(period) | {"strategy": strategy}
        return cls(_findings(store.ask("findings", asked)), _calls(store.ask("strategy_calls", asked)))

    def with_key(self, key: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.has(key)]

    def of_type(self, span_type: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.span_type == span_type]

    def named(self, prefix: str) -> list[Finding]:
        """Stages whose names begin so, also those that ended before they found anything out."""
        return [
            finding
            for finding in self.findings
            if finding.span_type == c.STAGE and finding.stage_name.startswith(prefix)
        ]

    def runs(self, key: str) -> dict[SpanKey, list[Finding]]:
        """By run the spans that say something under this key, both in the order of time."""
        return self.by_run(self.with_key(key))

    def by_run(self, findings: Iterable[Finding]) -> dict[SpanKey, list[Finding]]:
        found: dict[SpanKey, list[Finding]] = {}
        for finding in findings:
            found.setdefault(self.run_of(finding.key), []).append(finding)
        return found

    def run_of(self, key: SpanKey) -> SpanKey:
        """The request a span belongs to; where it has not come, the trace."""
        return self._runs.get(key, (key[0], ""))

    def request(self, run: SpanKey) -> Finding | None:
        return self.by_key.get(run)

    def calls_of(self, run: SpanKey, role: str | None = None) -> list[Call]:
        """Its own, without those of composites inside it."""
        return [call for call in self._calls_by_run.get(run, ()) if role in (None, call.role)]

    def calls_at(self, finding: Finding, role: str | None = None) -> list[Call]:
        """Those made there, without what stands below."""
        return [call for call in self._calls_by_place.get(finding.key, ()) if role in (None, call.role)]

    def models(self, run: SpanKey, role: str) -> dict[int, str]:
        """By index the model that had this part in a run: of several attempts the last one's."""
        return {call.index: call.model for call in self.calls_of(run, role)}

    def spent_below(self, key: SpanKey) -> Spent:
        """By all calls below a span, however deep; of a run whose request has not come, its own calls."""
        return self._spent.get(key) or Spent.on(self.calls_of(key))

    def nearest(self, span_type: str) -> dict[SpanKey, SpanKey]:
        """By span the nearest of this type, itself or above it; what is under none is left out."""
        found: dict[SpanKey, SpanKey] = {}
        for key in sorted(self._paths, key=lambda key: self._paths[key][0]):
            finding = self.by_key[key]
            if finding.span_type == span_type:
                found[key] = key
            elif finding.above in found:
                found[key] = found[finding.above]
        return found

    @cached_property
    def _paths(self) -> dict[SpanKey, tuple[int, SpanKey]]:
        """By span how deep it stands, and its run. Circles have no end, so they are cut where they close."""
        known: dict[SpanKey, tuple[int, SpanKey]] = {}
        for finding in self.findings:
            way: dict[SpanKey, Finding] = {}
            at: Finding | None = finding
            while at and at.key not in known and at.key not in way:
                way[at.key] = at
                at = self.by_key.get(at.above)
            depth, run = known.get(at.key, (0, (finding.trace_id, ""))) if at else (0, (finding.trace_id, ""))
            for each in reversed(way.values()):
                depth, run = depth + 1, each.key if each.span_type == c.REQUEST else run
                known[each.key] = depth, run
        return known

    @cached_property
    def _runs(self) -> dict[SpanKey, SpanKey]:
        return {key: run for key, (_, run) in self._paths.items()}

    @cached_property
    def _calls_by_place(self) -> dict[SpanKey, list[Call]]:
        found: dict[SpanKey, list[Call]] = {}
        for call in self.calls:
            found.setdefault(call.under, []).append(call)
        return found

    @cached_property
    def _calls_by_run(self) -> dict[SpanKey, list[Call]]:
        found: dict[SpanKey, list[Call]] = {}
        for call in self.calls:
            found.setdefault(self.run_of(call.under), []).append(call)
        return found

    @cached_property
    def _spent(self) -> dict[SpanKey, Spent]:
        """From below, so that each is added to what stands above it once it is whole."""
        depths = {key: depth for key, (depth, _) in self._paths.items()}
        spent = {key: Spent.on(self._calls_by_place.get(key, ())) for key in depths}
        for key in sorted(depths, key=lambda key: -depths[key]):
            above = self.by_key[key].above
            if depths.get(above, depths[key]) < depths[key]:
                spent[above].add(spent[key])
        return spent


def as_table(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema)


def _findings(table: pa.Table) -> list[Finding]:
    ids = ("trace_id", "span_id", "parent_span_id", "start_ns")
    found = [
        Finding(
            trace_id, span_id, above or "", start_ns, type_ or "", strategy or "", name or "", said or "{}"
        )
        for trace_id, span_id, above, start_ns, type_, strategy, name, said in _rows(
            table, (*ids, "span_type", "strategy", "stage_name", "attributes")
        )
    ]
    return sorted(found, key=lambda finding: (finding.start_ns, *finding.key))


def _calls(table: pa.Table) -> list[Call]:
    """Sorted, so that of several attempts the last one comes last."""
    order = ("start_ns", "trace_id", "span_id")
    ids = ("trace_id", "parent_span_id", "role", "call_index", "model", "outcome", "billing")
    rows = sorted(
        _rows(table, (*order, *ids, "cost_usd", "input_tokens", "output_tokens")), key=lambda row: row[:3]
    )
    return [
        Call(
            trace_id,
            above or "",
            role or "",
            -1 if index is None else index,
            model or "unknown",
            outcome or "",
            billing or "",
            cost,
            tokens_in or 0,
            tokens_out or 0,
        )
        for _, _, _, trace_id, above, role, index, model, outcome, billing, cost, tokens_in, tokens_out in rows
    ]


def _rows(table: pa.Table, names: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """Taken by columns, which takes a third of the time of `to_pylist`. Equal texts are one: ids and names stand in
    many rows, and would be most of what a wide window takes of memory."""
    known: dict[str, str] = {}
    columns = [
        [each and known.setdefault(each, each) for each in table[name].to_pylist()]
        if pa.types.is_string(table[name].type)
        else table[name].to_pylist()
        for name in names
    ]
    return zip(*columns, strict=True)
