"""The rows of one export request, and of several together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from collector.columns import SpanRow

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

    @classmethod
    def together(cls, batches: Iterable[Self]) -> Self:
        whole = cls()
        for batch in batches:
            whole.rows.extend(batch.rows)
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
        total = len(self.rejected) + len(self.rows)
        reasons = "; ".join(self.rejected[:REASONS_NAMED])
        return f"{len(self.rejected)} of {total} spans rejected: {reasons}{more}"
