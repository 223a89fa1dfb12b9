"""Which spans of a trace carry usage that counts, and why: a pure function over the spans of one trace.

Instrumentations repeat themselves: agents carry the sum of their calls, two libraries tell of one call, a
stream is told twice. Counting every span that has tokens would double the bill, so each span's usage is held
against that of the spans below it. What counts is disjoint: it adds up to what was used, never to more.

Our own spans take part as they are: only calls carry usage, so nothing needs to be decided about them, and
what others tell of the same calls gives way.

- Containers (agents, chains, workflows) never count beside what they contain. One that tells *more* than the
  spans below it does not count either, since nobody knows what is missing; its trace is marked as one with
  money nobody knows, so that its sum shows as a lower bound. The same goes for one without any usage below it
  while there are spans whose parent is not there, as theirs may be what it tells.
- Calls count beside calls below them where a tool stands between, or where they cannot be their sum.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from collector.dialects.table import COMPOSITE
from collector.spans.billing import billing_of
from collector.usage.comparison import is_better, may_hold, tells_the_same
from collector.usage.repeated_responses import repeated_responses, streams_told_twice
from collector.usage.subtree import Subtree
from collector.usage.usage_span import UsageSpan, Walk, trees

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
UNSURE = "container that may repeat spans whose parent is not there"
TOO_LARGE = "trace too large to compare its spans: calls count, containers do not"

COUNTING = frozenset({OWN, ALONE, IN_PLACE})
"""With these rules, and TOO_LARGE on calls, the usage counts."""


class Decision(NamedTuple):
    counts: bool
    rule: str
    billing: str | None


def decide(spans: Sequence[UsageSpan]) -> dict[str, Decision]:
    """By span id: what is decided about each foreign span that carries usage or is a call."""
    rules = {spans[index].span_id: SAME_RESPONSE for index in repeated_responses(spans)}
    rules |= {spans[index].span_id: BESIDE for index in streams_told_twice(spans)}
    grown = [_grown(spans, root, walk, rules) for root, walk in trees(spans)]
    orphans = [tree for tree in grown if tree.root.parent_span_id is not None and len(tree.counted)]
    for tree in grown:
        for span in tree.alone:
            others = (orphan for orphan in orphans if orphan is not tree)
            if rules[span.span_id] in COUNTING and any(_may_be_part(orphan, span) for orphan in others):
                rules[span.span_id] = UNSURE
    return {span.span_id: _decision(span, rules[span.span_id]) for span in spans if span.span_id in rules}


class _Tree(NamedTuple):
    root: UsageSpan
    counted: Subtree
    alone: list[UsageSpan]
    """Containers that count for want of a call below them."""


def _grown(spans: Sequence[UsageSpan], root: UsageSpan, walk: Walk, rules: dict[str, str]) -> _Tree:
    """Decides about one tree, from the leaves upwards."""
    below: dict[int, Subtree] = {}
    alone: list[UsageSpan] = []
    found = Subtree()
    for index, children in walk:
        span = spans[index]
        found = Subtree.together(below.pop(child) for child in children)
        lacks_calls = not any(other.is_call and other.bears for other in found.near.spans)
        if span.matters and span.dialect != COMPOSITE and span.span_id not in rules:
            rules[span.span_id] = _rule(span, found, rules)
        elif span.counts_already:
            _give_way(found.all().spans, rules, INSIDE_OURS)
            found = Subtree()
        if span.counts_already or rules.get(span.span_id) in COUNTING:
            found.near.add(span)
            if lacks_calls and not span.is_call:
                alone.append(span)
        if span.span_type == "tool":
            found.pass_tool()
        below[index] = found
    return _Tree(root, found, alone)


def _may_be_part(orphan: _Tree, container: UsageSpan) -> bool:
    """Whether the container may tell what this tree, whose parent is not there, carries."""
    carried = orphan.counted.all()
    end_ns = container.start_ns + container.duration_ns
    return (
        carried.bearing > 0
        and container.start_ns <= orphan.root.start_ns <= end_ns
        and may_hold(container, carried)
    )


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
    if tells_the_same(span, near):
        return _take_place(below, rules) if is_better(span, near) else REPEATS
    if tells_the_same(span, below.all()):
        return REPEATS
    if span.is_call and not may_hold(span, near):
        return OWN
    if (
        span.is_call
        and span.response_id
        and all(span.response_id != other.response_id for other in near.spans)
    ):
        return OWN
    return _claim(span, below) if may_hold(span, near) else LESS


def _first_to_tell(span: UsageSpan, below: Subtree, rules: dict[str, str]) -> str:
    """Between `span` and the next tool, no span carries usage; there may be calls that lack theirs."""
    if below.near.ours:
        return _claim(span, below)
    if any(not other.is_unbilled for other in below.near.spans):
        return _take_place(below, rules)
    if span.is_call:
        return OWN
    far = below.far
    if far.bearing and tells_the_same(span, far):
        return REPEATS
    return _claim(span, below) if far.bearing and may_hold(span, far) else ALONE


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


def _decision(span: UsageSpan, rule: str) -> Decision:
    counts = rule in COUNTING or (rule == TOO_LARGE and span.is_call)
    if counts:
        return Decision(True, rule, billing_of(span.cost_usd, used=span.used, refused=span.failed))
    return Decision(False, rule, "unpriced" if rule in (MORE, UNSURE) else None)
