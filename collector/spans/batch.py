"""The rows of one export request, and of several together."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import pyarrow as pa

from collector import arrow_compute as pc
from collector.spans.columns import SpanRow, span_table

REASONS_NAMED = 5


class ResourceRow(NamedTuple):
    """What a program says about itself, as the `resources` table keeps it."""

    resource_id: str
    """A digest of the rest."""
    attributes: str
    """As JSON, for questions."""
    schema_url: str | None
    otlp: bytes
    """As it came, a protobuf Resource."""


class ScopeRow(NamedTuple):
    """The library that made spans, as the `scopes` table keeps it."""

    scope_id: str
    name: str
    version: str
    attributes: str
    schema_url: str | None
    otlp: bytes
    """As it came, a protobuf InstrumentationScope."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Spans with what they come from, which is stored once for all of them."""

    rows: list[SpanRow] = field(default_factory=list[SpanRow])
    resources: dict[str, ResourceRow] = field(default_factory=dict[str, ResourceRow])
    scopes: dict[str, ScopeRow] = field(default_factory=dict[str, ScopeRow])
    rejected: list[str] = field(default_factory=list[str])
    """One reason for each span left out."""
    wire_bytes: int = 0
    """Of the request as it came: what the rows take in memory, roughly."""
    tables: list[pa.Table] = field(default_factory=list[pa.Table])
    """Rows that have been turned into columns."""

    def __len__(self) -> int:
        """How many spans are to be stored."""
        return len(self.rows) + sum(table.num_rows for table in self.tables)

    def make_ready(self) -> None:
        """Turns the rows into columns, on the thread that decoded them: the one that writes has more to do, and
        what waits for it takes half the memory.

        Values that cannot be turned are refused when they are to be stored.
        """
        with suppress(pa.ArrowInvalid):
            self.tables.append(span_table(self.rows))
            self.rows.clear()

    def spans(self) -> pa.Table:
        """The spans in columns, each once."""
        table = pa.concat_tables([span_table(self.rows), *self.tables])
        # Ids are random, so nearly always each is there once, which takes no look at the traces they are of.
        if pc.count_distinct(table["span_id"]).as_py() == table.num_rows:
            return table
        pairs = zip(table["trace_id"].to_pylist(), table["span_id"].to_pylist(), strict=True)
        first = {pair: number for number, pair in reversed([*enumerate(pairs)])}
        return table.take(pa.array(sorted(first.values())))

    @classmethod
    def together(cls, batches: Iterable[Self]) -> Self:
        whole = cls()
        for batch in batches:
            whole.rows.extend(batch.rows)
            whole.tables.extend(batch.tables)
            whole.resources.update(batch.resources)
            whole.scopes.update(batch.scopes)
            whole.rejected.extend(batch.rejected)
        return whole

    def rejection(self) -> str:
        """A sentence for the sender; empty if nothing was left out."""
        if not self.rejected:
            return ""
        unnamed = len(self.rejected) - REASONS_NAMED
        more = f"; and {unnamed} more" if unnamed > 0 else ""
        total = len(self.rejected) + len(self)
        reasons = "; ".join(self.rejected[:REASONS_NAMED])
        return f"{len(self.rejected)} of {total} spans rejected: {reasons}{more}"
