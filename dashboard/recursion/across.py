"""Many runs by depth, and those of them that ran away."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, quantiles

from dashboard import fmt
from dashboard.answers.recursion import NestedRun, RunDepth


@dataclass(frozen=True, slots=True)
class Spread:
    mean: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True)
class Depth:
    """Of the runs that come so deep."""

    depth: int
    runs: int
    levels: int
    calls: int
    known_usd: float | None
    """In all of them; None where nothing has a price."""
    unpriced_calls: int
    calls_of_run: Spread
    usd_of_run: Spread | None
    """A lower bound where calls are unpriced."""
    opened: Spread
    """By one level, right below it."""


@dataclass(frozen=True, slots=True)
class Runaway:
    run: NestedRun
    deepest: int
    levels: int
    reasons: list[str]


def spread(values: Sequence[float]) -> Spread:
    """The 95th percentile lies between the two nearest values, as in the other pages."""
    p95 = quantiles(values, n=20, method="inclusive")[18] if len(values) > 1 else values[0]
    return Spread(fmean(values), p95, max(values))


def by_depth(rows: Iterable[RunDepth]) -> list[Depth]:
    found: dict[int, list[RunDepth]] = defaultdict(list)
    for row in rows:
        found[row.depth].append(row)
    return [_depth(depth, found[depth]) for depth in sorted(found)]


def _depth(depth: int, rows: Sequence[RunDepth]) -> Depth:
    known = [row.cost_usd or 0.0 for row in rows]
    nothing_known = all(row.cost_usd is None for row in rows)
    return Depth(
        depth=depth,
        runs=len(rows),
        levels=sum(row.levels for row in rows),
        calls=sum(row.calls for row in rows),
        known_usd=None if nothing_known else sum(known),
        unpriced_calls=sum(row.unpriced_calls for row in rows),
        calls_of_run=spread([row.calls for row in rows]),
        usd_of_run=None if nothing_known else spread(known),
        opened=spread([opened for row in rows for opened in row.opened] or [0]),
    )


def runaways(runs: Iterable[NestedRun], rows: Iterable[RunDepth], many_calls: int) -> list[Runaway]:
    """Every run that nests, in the order given; those without a reason did not run away."""
    depths: Mapping[str, list[RunDepth]] = _by_run(rows)
    return [
        Runaway(
            run,
            max(row.depth for row in own),
            sum(row.levels for row in own),
            _reasons(run, own, many_calls),
        )
        for run in runs
        if (own := depths.get(run.trace_id))
    ]


def _by_run(rows: Iterable[RunDepth]) -> dict[str, list[RunDepth]]:
    found: dict[str, list[RunDepth]] = defaultdict(list)
    for row in rows:
        found[row.trace_id].append(row)
    return found


def _reasons(run: NestedRun, rows: Sequence[RunDepth], many_calls: int) -> list[str]:
    limited, spent = sum(row.depth_limited for row in rows), sum(row.out_of_budget for row in rows)
    turns, late = sum(row.out_of_turns for row in rows), sum(row.out_of_time for row in rows)
    repeated = sum(row.repeated_texts for row in rows)
    said = [
        f"{fmt.count(run.calls)} calls" if run.calls > many_calls else "",
        f"depth limit: {fmt.plural(limited, 'call')} made plain" if limited else "",
        f"out of budget: {fmt.plural(spent, 'level')}" if spent else "",
        f"out of turns: {fmt.plural(turns, 'level')}" if turns else "",
        f"out of time: {fmt.plural(late, 'level')}" if late else "",
        f"same text again: {fmt.plural(repeated, 'node')}" if repeated else "",
    ]
    return [each for each in said if each]
