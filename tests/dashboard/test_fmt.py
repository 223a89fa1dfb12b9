from datetime import datetime

import pytest

from dashboard import fmt


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "$0.00"),
        (0.0042, "$0.0042"),
        (0.00042, "$0.00042"),
        (0.0000042, "$0.0000042"),
        (0.0353, "$0.0353"),
        (0.99994, "$0.9999"),
        (0.99996, "$1.00"),
        (12.3, "$12.30"),
        (1234.567, "$1,234.57"),
        (None, "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_money(usd, text):
    assert fmt.money(usd) == text


def test_money_that_is_a_lower_bound_says_so_and_an_unknown_sum_stays_unknown():
    assert fmt.money(0.25, lower_bound=True) == "≥ $0.2500"
    assert fmt.money(None, lower_bound=True) == "unknown"


@pytest.mark.parametrize(
    ("usd", "unpriced", "tokens", "text"),
    [(0.1, 0, 50, "$0.1000"), (0.1, 2, 50, "≥ $0.1000"), (None, 1, 50, "unknown"), (0.0, 0, 0, "–")],
)
def test_the_cost_of_a_run(usd, unpriced, tokens, text):
    assert fmt.run_cost(usd, unpriced, tokens) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0.0 ms"),
        (0.04, "40 µs"),
        (0.4, "0.4 ms"),
        (9.96, "10 ms"),
        (430, "430 ms"),
        (999.6, "1.0 s"),
        (6100, "6.1 s"),
        (59_960, "1 m 00 s"),
        (194_000, "3 m 14 s"),
        (7_500_000, "2 h 05 m"),
        (None, "–"),
    ],
)
def test_duration(ms, text):
    assert fmt.duration(ms) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "now"),
        (12, "12 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (86_400, "24 h ago"),
        (4 * 86_400, "4 days ago"),
    ],
)
def test_age(seconds, text):
    assert fmt.age(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(950, "950"), (27_300, "27.3 k"), (1_200_000, "1.2 M"), (0, "0")]
)
def test_compact(number, text):
    assert fmt.compact(number) == text


def test_shares_and_changes_of_nothing_are_left_out():
    assert fmt.share(1, 3) == "33 %"
    assert fmt.share(1, 0) == "–"
    assert fmt.change(3, 2) == 0.5
    assert fmt.change(3, 0) is None
    assert fmt.change(None, 2) is None


def test_words():
    assert fmt.plural(1, "call") == "1 call"
    assert fmt.plural(2048, "span") == "2,048 spans"
    assert fmt.moment(datetime(2026, 11, 21, 14, 3, 7)) == "21 Nov 2026, 14:03:07"


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 B"), (999, "999 B"), (27_300, "27.3 kB"), (1_200_000_000, "1.2 GB")]
)
def test_sizes_are_decimal(number, expected):
    assert fmt.size(number) == expected
