"""What deciding about usage needs to know of a span."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from collector.dialects.table import COMPOSITE
from composite_llm import conventions as c

Usage: TypeAlias = "tuple[int | None, int | None, float | None]"


class UsageSpan(NamedTuple):
    trace_id: str
    span_id: str
    parent_span_id: str | None
    start_ns: int
    duration_ns: int
    dialect: str | None
    span_type: str | None
    provider: str | None
    model: str | None
    response_id: str | None
    status_code: int
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: float | None

    @property
    def is_call(self) -> bool:
        return self.span_type == c.LLM_CALL

    @property
    def failed(self) -> bool:
        return self.status_code == 2

    @property
    def used(self) -> bool:
        return self.input_tokens is not None or self.output_tokens is not None

    @property
    def bears(self) -> bool:
        return self.used or self.cost_usd is not None

    @property
    def matters(self) -> bool:
        return self.dialect is not None and (self.bears or self.is_call)

    @property
    def counts_already(self) -> bool:
        """One of our own calls."""
        return self.dialect == COMPOSITE and self.is_call

    @property
    def is_our_run(self) -> bool:
        """Another library's span around a request to `composite/…`."""
        return self.provider == COMPOSITE or (self.model or "").startswith(f"{COMPOSITE}/")

    @property
    def is_unbilled(self) -> bool:
        return self.failed and not self.bears

    @property
    def usage(self) -> Usage:
        return self.input_tokens, self.output_tokens, self.cost_usd


Walk: TypeAlias = "Iterator[tuple[int, list[int]]]"
"""Each span of a tree by its position, with its children's, after them."""


def trees(spans: Sequence[UsageSpan]) -> Iterator[tuple[UsageSpan, Walk]]:
    """The root of each tree, and the walk through it. A circle is opened at its earliest span."""
    position = {span.span_id: index for index, span in enumerate(spans)}
    children: dict[int, list[int]] = {}
    roots: list[int] = []
    for index, span in enumerate(spans):
        parent = position.get(span.parent_span_id or "")
        if parent is None:
            roots.append(index)
        else:
            children.setdefault(parent, []).append(index)
    by_start = sorted(range(len(spans)), key=lambda index: (spans[index].start_ns, spans[index].span_id))
    seen: set[int] = set()
    for root in [*roots, *by_start]:
        if root not in seen:
            yield spans[root], _below(root, children, seen)


def _below(start: int, children: dict[int, list[int]], seen: set[int]) -> Walk:
    seen.add(start)
    stack = [(start, list[int](), iter(children.get(start, ())))]
    while stack:
        index, visited, waiting = stack[-1]
        child = next((child for child in waiting if child not in seen), None)
        if child is None:
            stack.pop()
            yield index, visited
        else:
            seen.add(child)
            visited.append(child)
            stack.append((child, [], iter(children.get(child, ()))))
