"""Which rows of a tree are shown where there is room for few."""

from dashboard.folding import Gap, folded, parents_of


def test_everything_is_shown_where_there_is_room():
    assert folded([0, 1, 2, 1], most=4) == [0, 1, 2, 3]


def test_upper_levels_come_before_lower_ones():
    assert folded([0, 1, 2, 2, 1, 2], most=3) == [0, 1, Gap(2, 2, 2), 4, Gap(5, 1, 2)]


def test_levels_fold_what_is_below_them():
    assert folded([0, 1, 2, 1], levels=1) == [0, Gap(1, 3, 1)]


def test_what_comes_first_brings_what_is_above_it_and_leaves_half_of_the_room():
    assert folded([0, 1, 1, 1, 1, 1], most=4, first=[5]) == [0, 1, 2, Gap(3, 2, 1), 5]
    assert folded([0, 1, 1, 1, 1, 1], most=4, first=[2, 3, 4, 5]) == [0, 1, 2, 3, Gap(4, 2, 1)]


def test_a_chain_ten_thousand_deep_is_cut_where_the_room_ends():
    chain = list(range(10_000))

    assert folded(chain, most=50, first=[9_999]) == [*range(50), Gap(50, 9_950, 50)]


def test_parents_follow_from_depths():
    assert parents_of([0, 1, 2, 2, 1, 0]) == [-1, 0, 1, 1, 0, -1]
