"""Spans that tell of one response twice: two libraries watch one call, or one library tells a stream in two."""

from collections.abc import Sequence

from collector.dialects.table import LOGFIRE
from collector.usage.usage_span import UsageSpan


def repeated_responses(spans: Sequence[UsageSpan]) -> list[int]:
    """Positions of the spans that give way to another one with the same response id.

    An id alone proves nothing: some servers draw theirs from a thousand. So the usage must be the same too;
    for a span above the other, which may see less detail, one of the two counts is enough.
    """
    groups: dict[str, list[int]] = {}
    for index, span in enumerate(spans):
        if span.response_id and span.matters:
            groups.setdefault(span.response_id, []).append(index)
    position = {span.span_id: index for index, span in enumerate(spans)}
    given_way: list[int] = []
    for group in groups.values():
        kept: list[int] = []
        for index in sorted(group, key=lambda index: _rank(spans[index])):
            if spans[index].counts_already or not any(
                _is_same(spans, position, index, other) for other in kept
            ):
                kept.append(index)
            else:
                given_way.append(index)
    return given_way


def streams_told_twice(spans: Sequence[UsageSpan]) -> list[int]:
    """Logfire ends a stream's span before the stream, and tells its usage in an entry beside it."""
    beside: dict[tuple[str | None, str | None], list[int]] = {}
    for index in sorted(range(len(spans)), key=lambda index: (spans[index].start_ns, spans[index].span_id)):
        span = spans[index]
        if span.dialect == LOGFIRE and span.is_call and not span.failed:
            beside.setdefault((span.parent_span_id, span.model), []).append(index)
    told: list[int] = []
    for siblings in beside.values():
        waiting: list[int] = []
        for index in siblings:
            if not spans[index].bears:
                waiting.append(index)
            elif spans[index].duration_ns == 0 and waiting:
                told.append(waiting.pop(0))
    return told


def _rank(span: UsageSpan) -> tuple[object, ...]:
    """Best first: ours, one that knows its cost, a call, one with more detail; then the innermost in time."""
    detail = sum(count is not None for count in span[-6:-1])
    return (
        not span.counts_already,
        span.cost_usd is None,
        not span.is_call,
        -detail,
        span.duration_ns,
        span.start_ns,
        span.span_id,
    )


def _is_same(spans: Sequence[UsageSpan], position: dict[str, int], one: int, other: int) -> bool:
    first, second = spans[one], spans[other]
    pairs = (
        (first.input_tokens, second.input_tokens),
        (first.output_tokens, second.output_tokens),
    )
    known = [(mine, theirs) for mine, theirs in pairs if mine is not None and theirs is not None]
    if all(mine == theirs for mine, theirs in known):
        return True
    related = _is_above(spans, position, one, other) or _is_above(spans, position, other, one)
    return related and any(mine == theirs > 0 for mine, theirs in known)


def _is_above(spans: Sequence[UsageSpan], position: dict[str, int], upper: int, lower: int) -> bool:
    seen: set[int] = set()
    index: int | None = lower
    while index is not None and index not in seen:
        seen.add(index)
        index = position.get(spans[index].parent_span_id or "")
        if index == upper:
            return True
    return False
