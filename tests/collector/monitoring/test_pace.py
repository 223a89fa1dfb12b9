"""How fast spans come and how long they were on their way, over steps of ten seconds that the test makes pass."""

import time

import pyarrow as pa

from collector.group_commit import Tally
from collector.monitoring.pace import SPANS_REMEMBERED, STEPS, Pace

SECOND = 10**9


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ended(*seconds_ago):
    """Rows of spans that took two seconds."""
    now = time.time_ns()
    starts = [now - int(ago * SECOND) - 2 * SECOND for ago in seconds_ago]
    return pa.table({"start_ns": starts, "duration_ns": [2 * SECOND] * len(starts)})


def test_each_step_shows_what_came_in_it():
    tally, clock = Tally(), Clock()
    pace = Pace(lambda: tally, clock)
    tally.received, tally.stored = 30, 28
    tally.duplicate, tally.rejected = 1, 1
    pace.landed(ended(0))
    clock.now += 20
    tally.received, tally.stored = 50, 48
    pace.landed(ended(0))
    clock.now += 10

    course = pace.course()

    assert course.received == [30, 0, 20, 0]
    assert course.stored == [28, 0, 20, 0]
    assert (course.duplicate, course.rejected) == ([1, 0, 0, 0], [1, 0, 0, 0])


def test_what_came_without_a_commit_since_is_seen_when_somebody_looks():
    tally, clock = Tally(), Clock()
    pace = Pace(lambda: tally, clock)
    tally.received = tally.rejected = 7

    assert pace.course().rejected == [7]


def test_ten_minutes_are_shown_and_the_first_step_grows_from_the_one_before():
    tally, clock = Tally(), Clock()
    pace = Pace(lambda: tally, clock)
    for minute in range(1, 31):
        tally.received = 100 * minute
        pace.landed(ended(0))
        clock.now += 60

    course = pace.course()

    # A commit in every sixth step: nine lie within the last sixty, the tenth and earlier ones before.
    assert len(course.received) == STEPS
    assert sum(course.received) == 900
    assert max(course.received) == 100


def test_a_pause_longer_than_what_is_shown_leaves_nothing():
    tally, clock = Tally(), Clock()
    pace = Pace(lambda: tally, clock)
    tally.received = 5
    pace.landed(ended(0))
    clock.now += 3600

    assert pace.course().received == [0] * STEPS


def test_lag_is_from_the_end_of_a_span_to_its_commit():
    pace = Pace(Tally)
    assert (pace.lag().spans, pace.lag().p50_seconds) == (0, None)
    pace.landed(ended(3600, 500, 400, 300))

    lag = pace.lag()

    # Of 300, 400, 500 and 3600 seconds the nearest ranks of 50 % and 95 % are the third and the last.
    assert lag.spans == 4
    assert [round(each, -1) for each in (lag.newest_seconds, lag.p50_seconds, lag.p95_seconds)] == [
        300,
        500,
        3600,
    ]


def test_a_clock_that_is_ahead_shows_as_a_lag_below_zero():
    pace = Pace(Tally)
    pace.landed(ended(-600))

    assert round(pace.lag().newest_seconds, -1) == -600


def test_only_the_latest_spans_are_remembered():
    pace = Pace(Tally)
    pace.landed(ended(*[3600] * 100))
    pace.landed(ended(*[60] * SPANS_REMEMBERED))

    assert pace.lag().spans == SPANS_REMEMBERED
    assert round(pace.lag().p95_seconds, -1) == 60


def test_a_commit_of_nothing_new_changes_no_lag():
    pace = Pace(Tally)
    pace.landed(ended())

    assert pace.lag().newest_seconds is None
