import pytest

from dashboard import state
from dashboard.state import DAY, HOUR, SECOND_NS, Filters, Search, bucket_seconds, buckets_for, filters_for

NOW = 1_790_510_403_000_000_000


def test_a_window_ends_at_the_next_ten_seconds_so_that_questions_share_answers():
    first, second = (filters_for("1h", [], "all", NOW + after * SECOND_NS) for after in (0, 5))

    assert first == second
    assert first.until_ns == 1_790_510_410_000_000_000
    assert first.until_ns - first.since_ns == HOUR * SECOND_NS


def test_all_time_has_no_window_before_it():
    assert filters_for("all", [], "all", NOW).before() is None


def test_the_window_before_is_as_long_and_ends_where_this_one_begins():
    before = Filters(since_ns=100, until_ns=130, strategies=("moa",), origin="real").before()

    assert before == Filters(since_ns=70, until_ns=100, strategies=("moa",), origin="real")


def test_an_unknown_window_in_the_address_is_the_default_one():
    assert filters_for("17y", [], "all", NOW) == filters_for(state.DEFAULT_WINDOW, [], "all", NOW)


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (40, 1),
        (600, 10),
        (HOUR, 60),
        (DAY, HOUR),
        (3 * DAY, 3 * HOUR),
        (7 * DAY, 12 * HOUR),
        (14 * DAY, DAY),
        (30 * DAY, DAY),
        (32 * DAY, 7 * DAY),
        (90 * DAY, 7 * DAY),
    ],
)
def test_a_chart_has_as_many_buckets_as_a_reader_can_tell_apart(length, step):
    assert bucket_seconds(length) == step


def test_a_store_younger_than_the_window_is_drawn_from_its_first_run_to_its_last_span():
    filters = filters_for("7d", [], "all", NOW)
    oldest, newest = filters.until_ns - 600 * SECOND_NS, filters.until_ns - 540 * SECOND_NS
    buckets = buckets_for(filters, oldest, newest, "UTC")

    assert (buckets.since_ns, buckets.until_ns, buckets.seconds) == (oldest, newest, 1)


def test_an_old_store_is_drawn_over_the_window():
    filters = filters_for("1d", [], "all", NOW)

    assert buckets_for(filters, 0, 1, "UTC").since_ns == filters.since_ns


def test_a_search_knows_whether_it_narrows():
    assert not Search().narrows
    assert Search(errors_only=True).narrows


def test_an_old_store_is_drawn_up_to_now_even_where_nothing_ran():
    filters = filters_for("1d", [], "all", NOW)

    assert buckets_for(filters, 0, 1, "UTC").until_ns == filters.until_ns


@pytest.mark.parametrize(
    ("traces", "simulated", "origin"), [(0, 0, "all"), (12, 12, "all"), (13, 12, "real"), (5, 0, "all")]
)
def test_real_runs_stand_alone_as_soon_as_there_is_one(traces, simulated, origin):
    assert state.default_origin(traces, simulated) == origin
