"""What counts below a span, gathered from the leaves upwards."""

from collections.abc import Iterable

from collector.dialects.table import COMPOSITE
from collector.usage.usage_span import Usage, UsageSpan


class Counted:
    """Spans that count, and what they add up to. The sums are kept, so that a look at them costs the same
    for one span as for ten thousand."""

    def __init__(self) -> None:
        self.spans: list[UsageSpan] = []
        self.input_tokens = 0
        self.output_tokens = 0
        self.cost_usd = 0.0
        self.bearing = 0
        self.unpriced = 0
        """Those whose cost nobody knows."""
        self.ours = 0
        self.only: UsageSpan | None = None
        """The one that carries usage, where there is one alone."""

    def add(self, span: UsageSpan) -> None:
        self.spans.append(span)
        self.input_tokens += span.input_tokens or 0
        self.output_tokens += span.output_tokens or 0
        self.cost_usd += span.cost_usd or 0
        self.bearing += span.bears
        self.unpriced += span.cost_usd is None and not span.is_unbilled
        self.ours += span.dialect == COMPOSITE
        if span.bears:
            self.only = span if self.bearing == 1 else None

    def extend(self, other: "Counted") -> None:
        for span in other.spans:
            self.add(span)


class Subtree:
    def __init__(self) -> None:
        self.near = Counted()
        """With no tool on the way: what a span above may be the sum of."""
        self.far = Counted()
        """Behind a tool."""
        self.claims: set[Usage] = set()
        """What containers told beyond what counts, so that one above does not tell it again."""

    @classmethod
    def together(cls, subtrees: Iterable["Subtree"]) -> "Subtree":
        """Grows the largest one, so that a chain of ten thousand spans copies nothing."""
        given = list(subtrees)
        if not given:
            return cls()
        whole = max(given, key=len)
        for other in given:
            if other is not whole:
                whole.near.extend(other.near)
                whole.far.extend(other.far)
                whole.claims |= other.claims
        return whole

    def __len__(self) -> int:
        return len(self.near.spans) + len(self.far.spans)

    def all(self) -> Counted:
        """Built for the rare span that tools below it led to other calls."""
        if not self.far.spans:
            return self.near
        both = Counted()
        both.extend(self.near)
        both.extend(self.far)
        return both

    def keep(self, spans: Iterable[UsageSpan]) -> None:
        """Only these of the near ones, as one takes the place of the others."""
        self.near = Counted()
        for span in spans:
            self.near.add(span)

    def pass_tool(self) -> None:
        if self.far.spans:
            self.far.extend(self.near)
        else:
            self.far = self.near
        self.near = Counted()
