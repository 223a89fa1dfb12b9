"""How a span's usage compares with that of the spans below it."""

from collector.usage.subtree import Counted
from collector.usage.usage_span import UsageSpan

NEARLY = 1e-6
"""Sums of fractions of cents differ in their last digits."""


def tells_the_same(span: UsageSpan, others: Counted) -> bool:
    """The sum of the others; or, of a single one, the same call with a part told differently."""
    known = _beside(span, others)
    if not known:
        return abs((span.cost_usd or 0) - others.cost_usd) <= NEARLY * others.cost_usd
    if all(mine == theirs for mine, theirs in known):
        return True
    only = others.only
    if not span.is_call or only is None or (span.response_id and only.response_id):
        return False
    return any(mine == theirs > 0 for mine, theirs in known)


def may_hold(span: UsageSpan, others: Counted) -> bool:
    """No part of its usage is less than that of the others together."""
    known = _beside(span, others)
    if not known:
        return (span.cost_usd or 0) >= others.cost_usd
    return all(mine >= theirs for mine, theirs in known)


def _beside(span: UsageSpan, others: Counted) -> list[tuple[int, int]]:
    pairs = ((span.input_tokens, others.input_tokens), (span.output_tokens, others.output_tokens))
    return [(mine, theirs) for mine, theirs in pairs if mine is not None]


def is_better(span: UsageSpan, others: Counted) -> bool:
    """Whether it knows the money where some of the others do not."""
    if span.cost_usd is None or others.ours or not others.unpriced:
        return False
    return span.cost_usd >= others.cost_usd * (1 - NEARLY)
