"""Which spans of a trace carry usage that counts, and why: a pure function over the spans of one trace.

Instrumentations repeat themselves: agents carry the sum of their calls, two libraries tell of one call, a
stream is told twice. Counting every span that has tokens would double the bill, so each span's usage is held
against that of the spans below it. What counts is disjoint: it adds up to what was used, never to more.

Our own spans take part as they are: only calls carry usage, so nothing needs to be decided about them, and
what others tell of the same calls gives way.

- Containers (agents, chains, workflows) never count beside what they contain. One that tells *more* than the
  spans below it does not count either, since nobody knows what is missing; its trace is marked as one with
  money nobody knows, so that its sum shows as a lower bound.
- Calls count beside calls below them where a tool stands between, or where they cannot be their sum.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from collector.billing import billing_of
from collector.dialects import COMPOSITE
from collector.repeated_responses import repeated_responses
from collector.subtree import Counted, Subtree
from collector.usage_span import UsageSpan, post_order

OWN = "its own"
ALONE = "container, alone: no span below it carries any usage"
IN_PLACE = "counts for the spans below it: it alone has what they lack"
REPEATS = "repeats the spans below it"
MORE = "container of more than the spans below it carry: what is missing is not known"
LESS = "container of less than the spans below it carry"
NOTHING = "no usage of its own; the spans below it carry it"
ABOVE = "told again by the span above it, which counts"
INSIDE_OURS = "inside a call that composite_llm recorded itself"
OUR_RUN = "a run that composite_llm recorded itself, call by call"
SAME_RESPONSE = "the same response as another span, which counts"
BESIDE = "a stream whose end is told by the entry beside it"
TOO_LARGE = "trace too large to compare its spans: calls count, containers do not"

NEARLY = 1e-6
"""Sums of fractions of cents differ in their last digits."""

COUNTING = frozenset({OWN, ALONE, IN_PLACE})
"""With these rules, and TOO_LARGE on calls, the usage counts."""


class Decision(NamedTuple):
    counts: bool
    rule: str
    billing: str | None


def decide(spans: Sequence[UsageSpan]) -> dict[str, Decision]:
    """By span id: what is decided about each foreign span that carries usage or is a call."""
    rules = {spans[index].span_id: SAME_RESPONSE for index in repeated_responses(spans)}
    rules |= {spans[index].span_id: BESIDE for index in _streams_told_twice(spans)}
    below: dict[int, Subtree] = {}
    for index, children in post_order(spans):
        span = spans[index]
        found = Subtree.together(below.pop(child) for child in children)
        if span.matters and span.dialect != COMPOSITE and span.span_id not in rules:
            rules[span.span_id] = _rule(span, found, rules)
        elif span.counts_already:
            _give_way(found.all().spans, rules, INSIDE_OURS)
            found = Subtree()
        if span.counts_already or rules.get(span.span_id) in COUNTING:
            found.near.add(span)
        if span.span_type == "tool":
            found.pass_tool()
        below[index] = found
    return {span.span_id: _decision(span, rules[span.span_id]) for span in spans if span.span_id in rules}


def decide_by_kind(spans: Iterable[UsageSpan]) -> dict[str, Decision]:
    """What is decided where a trace is too large to look at as a whole."""
    return {
        span.span_id: _decision(span, OUR_RUN if span.is_our_run else TOO_LARGE)
        for span in spans
        if span.matters and span.dialect != COMPOSITE
    }


def _rule(span: UsageSpan, below: Subtree, rules: dict[str, str]) -> str:
    """The rule for `span`; takes the spans below it out of the count where it stands for them."""
    near = below.near
    if span.is_our_run:
        return OUR_RUN
    if not span.bears:
        # A wrapper around calls is no call; a call that only led to others through tools is one.
        return NOTHING if near.spans else OWN
    if not near.bearing:
        return _first_to_tell(span, below, rules)
    if _tells_the_same(span, near):
        return _take_place(below, rules) if _is_better(span, near) else REPEATS
    if _tells_the_same(span, below.all()):
        return REPEATS
    if span.is_call and not _may_hold(span, near):
        return OWN
    if (
        span.is_call
        and span.response_id
        and all(span.response_id != other.response_id for other in near.spans)
    ):
        return OWN
    return _claim(span, below) if _may_hold(span, near) else LESS


def _first_to_tell(span: UsageSpan, below: Subtree, rules: dict[str, str]) -> str:
    """Between `span` and the next tool, no span carries usage; there may be calls that lack theirs."""
    if below.near.ours:
        return _claim(span, below)
    if any(not other.is_unbilled for other in below.near.spans):
        return _take_place(below, rules)
    if span.is_call:
        return OWN
    far = below.far
    if far.bearing and _tells_the_same(span, far):
        return REPEATS
    return _claim(span, below) if far.bearing and _may_hold(span, far) else ALONE


def _take_place(below: Subtree, rules: dict[str, str]) -> str:
    """Calls that were refused stay: they are no part of what `span` tells."""
    _give_way([other for other in below.near.spans if not other.is_unbilled], rules, ABOVE)
    below.keep([other for other in below.near.spans if other.is_unbilled])
    return IN_PLACE


def _claim(span: UsageSpan, below: Subtree) -> str:
    if span.usage in below.claims:
        return REPEATS
    below.claims.add(span.usage)
    return MORE


def _give_way(spans: Iterable[UsageSpan], rules: dict[str, str], rule: str) -> None:
    rules.update({span.span_id: rule for span in spans if span.dialect != COMPOSITE})


def _tells_the_same(span: UsageSpan, others: Counted) -> bool:
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


def _may_hold(span: UsageSpan, others: Counted) -> bool:
    """No part of its usage is less than that of the others together."""
    known = _beside(span, others)
    if not known:
        return (span.cost_usd or 0) >= others.cost_usd
    return all(mine >= theirs for mine, theirs in known)


def _beside(span: UsageSpan, others: Counted) -> list[tuple[int, int]]:
    pairs = ((span.input_tokens, others.input_tokens), (span.output_tokens, others.output_tokens))
    return [(mine, theirs) for mine, theirs in pairs if mine is not None]


def _is_better(span: UsageSpan, others: Counted) -> bool:
    """Whether it knows the money where some of the others do not."""
    if span.cost_usd is None or others.ours or not others.unpriced:
        return False
    return span.cost_usd >= others.cost_usd * (1 - NEARLY)


def _streams_told_twice(spans: Sequence[UsageSpan]) -> list[int]:
    """Logfire ends a stream's span before the stream, and tells its usage in an entry beside it."""
    beside: dict[tuple[str | None, str | None], list[int]] = {}
    for index in sorted(range(len(spans)), key=lambda index: (spans[index].start_ns, spans[index].span_id)):
        span = spans[index]
        if span.dialect == "logfire" and span.is_call and not span.failed:
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


def _decision(span: UsageSpan, rule: str) -> Decision:
    counts = rule in COUNTING or (rule == TOO_LARGE and span.is_call)
    if counts:
        return Decision(True, rule, billing_of(span.cost_usd, used=span.used, refused=span.failed))
    return Decision(False, rule, "unpriced" if rule == MORE else None)
