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


def waits(tries: Iterable[Try], parent_ends: Sequence[float]) -> list[Wait]:
    """`parent_ends` are the ends of all spans by row. What overruns its parent is trimmed to it."""
    below: dict[int, list[Try]] = defaultdict(list)
    for each in tries:
        below[each.parent].append(each)
    found: list[Wait] = []
    for parent, made in below.items():
        if len(made) > 1:
            calls = _calls(made, found)
            if parent >= 0 and len(calls) > 1:
                found += _stragglers(parent, calls, parent_ends[parent])
    return found


def _calls(made: Iterable[Try], pauses: list[Wait]) -> list[Try]:
    """Each call from its first attempt to the end of the last whose answer was wanted, if there is one."""
    first: dict[Hashable, Try] = {}
    again: dict[Hashable, list[Try]] = {}
    for each in made:
        if first.setdefault(each.call, each) is not each:
            again.setdefault(each.call, [first[each.call]]).append(each)
    for call, attempts in again.items():
        pauses += _pauses(attempts)
        wanted = [each for each in attempts if each.is_wanted]
        last = max(wanted or attempts, key=lambda each: each.end_ms)
        first[call] = last._replace(start_ms=min(each.start_ms for each in attempts))
    return list(first.values())


def _pauses(made: list[Try]) -> Iterable[Wait]:
    """Between the end of everything tried so far and the next try. A hedge waits for nothing."""
    made = sorted(made, key=lambda each: each.start_ms)
    reached = made[0].end_ms
    for each in made[1:]:
        if reached < each.start_ms and not each.is_hedge:
            yield Wait("retry", each.row, each.parent, reached, each.start_ms)
        reached = max(reached, each.end_ms)


def _stragglers(parent: int, calls: list[Try], parent_end: float) -> Iterable[Wait]:
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


def _of_group(parent: int, group: list[Try], parent_end: float) -> Iterable[Wait]:
    if len(group) < 2 or not any(call.is_wanted for call in group):
        return
    *_, before, last = sorted(group, key=lambda call: call.end_ms)
    if last.is_wanted:
        kind, since = "straggler", before.end_ms
    else:
        kind, since = "quorum", max(call.end_ms for call in group if call.is_wanted)
    until = min(last.end_ms, parent_end)
    if since < until:
        yield Wait(kind, last.row, parent, since, until)
