"""Many runs of one kind laid over each other: one tree, in which each place stands for all spans that stand there.

Spans of different runs are at one place where they, and all above them, are called the same: a stage by its name, a
composite by its strategy, a node of a recursion by its depth, a call by its role, and below that by its model. Whatever
is added up at a place is so for it and all below it; since every call that counts is at one place, the places below a
run's add up to the run's total.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from collector.audit.critical_path import PlacedSpan, critical_path
from collector.spans.trace_tree import Place, TimedSpan, depth_first
from collector.statistics.spent import Spent
from composite_llm import conventions as c

RUN, CALL, MODEL, ORPHANS, OTHERS = "run", "call", "model", "orphans", "others"
MOST_BELOW = 40
"""Names at one place; spans of others are at one called `others`. Names are written by whoever sends spans."""
MOST_DEPTH = 32
"""Spans further down count for the place above them."""
MOST_NUMBERED = 8
"""Of stages that differ in a number, like a recursion's turns. More are one place."""
_NUMBER = re.compile(r"\d+(?:\.\d+)*$")


@dataclass(slots=True)
class RunSpan:
    """A span of one of the runs, as far as it matters here."""

    timed: TimedSpan
    name: str
    span_type: str
    strategy: str
    stage_name: str
    role: str
    model: str
    failed: bool
    is_wanted: bool
    """False for a call that was cancelled, or whose answer came too late to matter."""
    is_call: bool
    """Its usage counts."""
    billing: str
    cost_usd: float | None
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int


@dataclass(slots=True)
class Spot:
    """A place in the merged tree. Times are in milliseconds, summed over runs."""

    kind: str
    label: str
    depth: int
    above: "Spot | None" = None
    below: dict[tuple[str, str], "Spot"] = field(default_factory=dict[tuple[str, str], "Spot"])
    runs: int = 0
    spans: int = 0
    failed: int = 0
    """Of its own spans, without what is below."""
    failed_calls: int = 0
    spent: Spent = field(default_factory=Spent)
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    waited_ms: float = 0.0
    """How long the runs waited for it or what is below it: the runs' latencies, split along their critical paths."""
    elapsed_ms: float = 0.0
    """How long at least one of its spans was under way."""
    first_ms: float = 0.0
    """From the start of a run to that of the first of its spans."""

    def spot(self, kind: str, label: str) -> "Spot":
        if self.depth >= MOST_DEPTH:
            return self
        if (kind, label) not in self.below and len(self.below) >= MOST_BELOW:
            kind, label = OTHERS, OTHERS
        return self.below.setdefault((kind, label), Spot(kind, label, self.depth + 1, self))

    def in_order(self) -> Iterator["Spot"]:
        """It and all below it, those side by side as they begin, on average."""
        stack: list[Spot] = [self]
        while stack:
            spot = stack.pop()
            yield spot
            below = sorted(spot.below.values(), key=lambda each: (each.first_ms / each.runs, each.label))
            stack.extend(reversed(below))


def merged(runs: Iterable[Sequence[RunSpan]]) -> Spot:
    """The place of the runs, with all others below it."""
    whole = list(runs)
    series = _series(span.stage_name for run in whole for span in run)
    top = Spot(RUN, RUN, 0)
    for run in whole:
        if run:
            _add(run, top, series)
    for spot in reversed(list(top.in_order())):
        if spot.above:
            _add_up(spot.above, spot)
    return top


def _add_up(total: Spot, part: Spot) -> None:
    total.spent.add(part.spent)
    total.failed_calls += part.failed_calls
    total.cached_tokens += part.cached_tokens
    total.reasoning_tokens += part.reasoning_tokens
    total.waited_ms += part.waited_ms


def _add(run: Sequence[RunSpan], top: Spot, series: Mapping[str, str]) -> None:
    """One run, without adding up."""
    places = depth_first([span.timed for span in run])
    began = min(span.timed.start_ns for span in run)
    ended = max(span.timed.end_ns for span in run)
    under_way: dict[int, tuple[Spot, list[tuple[int, int]]]] = {id(top): (top, [(began, ended)])}
    at: list[Spot] = []
    for index, spots in enumerate(_spots(run, places, top, series)):
        span = run[places[index].index]
        at.append(spots[-1])
        for spot in spots:
            spot.spans += 1
            spot.failed += span.failed
            times = under_way.setdefault(id(spot), (spot, []))[1]
            times.append((span.timed.start_ns, span.timed.end_ns))
        _book(spots[-1], span)
    for spot, times in under_way.values():
        spot.runs += 1
        spot.elapsed_ms += _covered(times) / 1e6
        spot.first_ms += (min(times)[0] - began) / 1e6
    for position, waited_ms in _waited(run, places, began):
        at[position].waited_ms += waited_ms


def _book(spot: Spot, span: RunSpan) -> None:
    if span.is_call:
        spot.spent.book(span)
        spot.failed_calls += span.failed
        spot.cached_tokens += span.cached_tokens
        spot.reasoning_tokens += span.reasoning_tokens
    elif span.billing == "unpriced":  # it tells of more usage than the calls below it
        spot.spent.unpriced += 1


def _spots(
    run: Sequence[RunSpan], places: Sequence[Place], top: Spot, series: Mapping[str, str]
) -> Iterator[list[Spot]]:
    """Where each span is, the outermost first: a call is at its role's place and at its model's below that."""
    path: list[tuple[Spot, int]] = [(top, 0)]
    for place in places:
        span = run[place.index]
        del path[place.depth + 1 :]
        around, nodes = path[-1]
        is_request = span.span_type == c.REQUEST
        spots: list[Spot] = []
        if is_request and place.depth == 0:
            inside = top
        else:
            if place.is_orphan:
                around = around.spot(ORPHANS, ORPHANS)
                spots.append(around)
            inside = around.spot(*_called(span, nodes, series))
        spots.append(inside)
        if _asks_a_model(span):
            spots.append(inside.spot(MODEL, span.model or "unknown"))
        path.append((inside, 0 if is_request else nodes + (span.span_type == c.RLM_NODE)))
        yield list({id(spot): spot for spot in spots}.values())


def _asks_a_model(span: RunSpan) -> bool:
    return span.is_call or span.span_type == c.LLM_CALL


def _called(span: RunSpan, nodes: int, series: Mapping[str, str]) -> tuple[str, str]:
    """Kind and name of the place of a span; `nodes` of a recursion are above it."""
    if _asks_a_model(span):
        return CALL, span.role or CALL
    match span.span_type:
        case c.STAGE:
            return c.STAGE, series.get(span.stage_name, span.stage_name or c.STAGE)
        case c.REQUEST:
            return c.REQUEST, span.strategy or c.REQUEST
        case c.RLM_NODE:
            return c.RLM_NODE, f"depth {nodes}"
        case kind:
            return kind or "span", span.name.removeprefix("execute_tool ")


def _series(names: Iterable[str]) -> dict[str, str]:
    """What stages are called that are too many to stand side by side: `rlm.turn…` for `rlm.turn1` to `rlm.turn57`."""
    numbered: dict[str, set[str]] = defaultdict(set)
    for name in names:
        if found := _NUMBER.search(name):
            numbered[name[: found.start()]].add(name)
    return {
        name: f"{stem}…" for stem, alike in numbered.items() if len(alike) > MOST_NUMBERED for name in alike
    }


def _covered(times: Sequence[tuple[int, int]]) -> int:
    """How long at least one of these was under way."""
    covered, reached = 0, 0
    for start, end in sorted(times):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered


def _waited(run: Sequence[RunSpan], places: Sequence[Place], began: int) -> Iterator[tuple[int, float]]:
    """By position in `places`: how much of the run's critical path is spent in the span itself."""
    placed = [
        PlacedSpan(
            run[place.index].timed.span_id,
            place.depth,
            (run[place.index].timed.start_ns - began) / 1e6,
            (run[place.index].timed.end_ns - began) / 1e6,
            run[place.index].is_wanted,
        )
        for place in places
    ]
    position = {span.span_id: index for index, span in enumerate(placed)}
    for segment in critical_path(placed):
        yield position[segment.span_id], segment.end_ms - segment.start_ms
