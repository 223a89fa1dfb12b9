"""Agreement of rankings, worked out by hand."""

from math import sqrt

import pytest

from collector.statistics.rank_statistics import correlation, kendall_w, mean_tau, ranks_of


def test_members_that_a_ranking_leaves_out_share_the_last_places():
    assert ranks_of([2, 0], [0, 1, 2, 3]) == {2: 1, 0: 2, 1: 3.5, 3: 3.5}
    assert ranks_of([], [0, 1, 2]) == {0: 2, 1: 2, 2: 2}


def test_equal_rankings_agree_wholly_and_opposite_ones_not_at_all():
    one, other = {0: 1.0, 1: 2.0, 2: 3.0}, {0: 3.0, 1: 2.0, 2: 1.0}
    assert (kendall_w([one, one]), mean_tau([one, one])) == (1.0, 1.0)
    assert (kendall_w([one, other]), mean_tau([one, other])) == (0.0, -1.0)


def test_three_rankings_of_three():
    """Sums 4, 5 and 9, mean 6: S = 4 + 1 + 9 = 14; W = 12·14 / (9·(27−3)) = 168/216. Pairs: the first and the
    second differ in one of three (tau 1/3), the first and the third in none, the second and the third in one."""
    ballots = [{0: 1.0, 1: 2.0, 2: 3.0}, {0: 2.0, 1: 1.0, 2: 3.0}, {0: 1.0, 1: 2.0, 2: 3.0}]
    assert kendall_w(ballots) == pytest.approx(168 / 216)
    assert mean_tau(ballots) == pytest.approx((1 / 3 + 1 + 1 / 3) / 3)


def test_ties_are_corrected_for():
    """Ranks 1, 2.5, 2.5 and 1, 2, 3: sums 2, 4.5, 5.5, mean 4: S = 4 + 0.25 + 2.25 = 6.5; T = 2³−2 = 6;
    W = 12·6.5 / (4·24 − 2·6) = 78/84. tau-b: 2 concordant, one tied in the first: 2/√(2·3)."""
    ballots = [{0: 1.0, 1: 2.5, 2: 2.5}, {0: 1.0, 1: 2.0, 2: 3.0}]
    assert kendall_w(ballots) == pytest.approx(78 / 84)
    assert mean_tau(ballots) == pytest.approx(2 / sqrt(6))


def test_where_there_is_nothing_to_compare_nothing_is_said():
    all_tied = {0: 1.5, 1: 1.5}
    assert kendall_w([{0: 1.0, 1: 2.0}]) is None
    assert kendall_w([{0: 1.0, 1: 2.0}, {1: 1.0, 2: 2.0}]) is None
    assert (kendall_w([all_tied, all_tied]), mean_tau([all_tied, all_tied])) == (None, None)
    assert mean_tau([{0: 1.0}, {1: 1.0}]) is None
    assert correlation([(1, 1)]) is None
    assert correlation([(1, 1), (1, 2)]) is None


def test_rankings_of_different_answers_are_compared_over_those_in_both():
    assert mean_tau([{0: 1.0, 1: 2.0, 2: 3.0}, {1: 1.0, 2: 2.0, 3: 3.0}]) == 1.0


def test_correlation():
    assert correlation([(0, 1), (1, 2), (2, 3)]) == pytest.approx(1.0)
    assert correlation([(0, 3), (1, 2), (2, 1)]) == pytest.approx(-1.0)
    assert correlation([(0, 1), (1, 3), (2, 2)]) == pytest.approx(0.5)
