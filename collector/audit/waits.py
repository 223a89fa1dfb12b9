"""Time in which a run waited where it might not have had to.

Two kinds. A stage's calls run side by side, and from the moment when all but the last have ended it waits for that
straggler alone; where a quorum was enough, it waits for what it then leaves behind. And between a try that failed and
the next one lies a pause that the program keeps.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Literal, NamedTuple

Kind = Literal["straggler", "quorum", "retry"]


class Try(NamedTuple):
    """A span as far as it matters here: a model call's attempt, or any other span below a parent."""

    row: int
    parent: int
    """Its parent's row, -1 for none."""
    start_ms: float
    end_ms: float
    call: Hashable
    """Equal for the attempts at one call."""
    is_wanted: bool
    is_hedge: bool


class Wait(NamedTuple):
    """`row` is what was waited for: the straggler, the last of what a quorum left, or the try after the pause."""

    kind: Kind
    row: int
    parent: int
    start_ms: float
    end_ms: float


class _Call(NamedTuple):
    start_ms: float
    end_ms: float
    last: Try
    is_wanted: bool


def waits(tries: Iterable[Try], parent_ends: Sequence[float]) -> list[Wait]:
    """`parent_ends` are the ends of all spans by row. What overruns its parent is trimmed to it."""
    attempts: dict[tuple[int, Hashable], list[Try]] = defaultdict(list)
    for each in tries:
        attempts[each.parent, each.call].append(each)
    found: list[Wait] = []
    calls: dict[int, list[_Call]] = defaultdict(list)
    for (parent, _), made in attempts.items():
        if len(made) > 1:
            found += _pauses(made)
        if parent >= 0:
            calls[parent].append(_as_call(made))
    for parent, side_by_side in calls.items():
        if len(side_by_side) > 1:
            found += _stragglers(parent, side_by_side, parent_ends[parent])
    return found


def _pauses(made: list[Try]) -> Iterable[Wait]:
    """Between the end of everything tried so far and the next try. A hedge waits for nothing."""
    made = sorted(made, key=lambda each: each.start_ms)
    reached = made[0].end_ms
    for each in made[1:]:
        if reached < each.start_ms and not each.is_hedge:
            yield Wait("retry", each.row, each.parent, reached, each.start_ms)
        reached = max(reached, each.end_ms)


def _as_call(made: list[Try]) -> _Call:
    """It ends with the last attempt whose answer was wanted, if there is one."""
    wanted = [each for each in made if each.is_wanted]
    last = max(wanted or made, key=lambda each: each.end_ms)
    return _Call(min(each.start_ms for each in made), last.end_ms, last, bool(wanted))


def _stragglers(parent: int, calls: list[_Call], parent_end: float) -> Iterable[Wait]:
    """One for each group of calls that overlap in time."""
    calls.sort(key=lambda call: call.start_ms)
    group, reached = [calls[0]], calls[0].end_ms
    for call in calls[1:]:
        if call.start_ms >= reached:
            yield from _of_group(parent, group, parent_end)
            group = []
        group.append(call)
        reached = max(reached, call.end_ms)
    yield from _of_group(parent, group, parent_end)


def _of_group(parent: int, group: list[_Call], parent_end: float) -> Iterable[Wait]:
    if len(group) < 2 or not any(call.is_wanted for call in group):
        return
    *_, before, last = sorted(group, key=lambda call: call.end_ms)
    if last.is_wanted:
        kind, since = "straggler", before.end_ms
    else:
        kind, since = "quorum", max(call.end_ms for call in group if call.is_wanted)
    until = min(last.end_ms, parent_end)
    if since < until:
        yield Wait(kind, last.last.row, parent, since, until)
