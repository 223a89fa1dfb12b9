"""A window between two moments, as the address writes them."""

import pytest

from dashboard import state
from dashboard.custom_window import NoWindow, bounds, read, written
from dashboard.state import filters_for
from tests.otlp_traces import MINUTE, NOON, SECOND

BERLIN = "Europe/Berlin"


def test_both_ends_are_moments_of_their_zone_and_the_last_minute_is_in_the_window():
    # Noon UTC is 14:00 in Berlin in September.
    since, until = bounds("2026-09-27T14:00+02:00", "2026-09-27T13:01+01:00", "Asia/Tokyo")

    assert (since, until) == (NOON, NOON + 2 * MINUTE)


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-27T14:00",
        "2026-09-27 14:00",
        "2026-09-27T14:00+02:00",
        "2026-09-27T14:00 02:00",
        "2026-09-27T12:00Z",
    ],
)
def test_a_moment_without_an_offset_is_on_the_readers_clock(text):
    assert read(text, BERLIN).timestamp() * SECOND == NOON
    assert read(written(read(text, BERLIN)), "UTC") == read(text, BERLIN)


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        ("", "2026-09-27", "is no moment"),
        ("yesterday", "2026-09-27", "'yesterday' is no moment"),
        ("2026-09-27", "2026-09-26", "ends before it begins"),
        ("0001-01-01", "2026-09-26", "from 1971"),
        ("1969-01-01T00:00Z", "2026-09-26", "from 1971"),
        ("2026-09-26", "9999-12-31T23:59", "to 2260"),
    ],
)
def test_what_is_no_window_is_said(since, until, why):
    with pytest.raises(NoWindow, match=why):
        bounds(since, until, BERLIN)


def test_a_custom_window_is_the_one_of_the_filters_and_the_one_before_it_is_as_long():
    filters = filters_for(state.CUSTOM, ["moa"], "real", NOON, mode="quick", tag="blue", custom=(100, 160))

    assert (filters.since_ns, filters.until_ns, filters.mode, filters.tag) == (100, 160, "quick", "blue")
    before = filters.before()
    assert before is not None
    assert (before.since_ns, before.until_ns, before.tag) == (40, 100, "blue")


def test_a_custom_window_without_ends_is_the_default_one():
    assert filters_for(state.CUSTOM, [], "all", NOON) == filters_for(state.DEFAULT_WINDOW, [], "all", NOON)
