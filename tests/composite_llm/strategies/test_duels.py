"""Pairs judged in both orders: who wins, and how often the order did."""

import json

import pytest

from composite_llm.strategies.parts.choosing import choice_among, drawn_order, lettered
from composite_llm.strategies.parts.duels import Duel, best, flip_rate, pairs
from composite_llm.strategies.parts.structured import read


def test_who_wins_in_both_orders_has_the_point():
    """1 beats 0 and 2: 2 points. 0 and 2 draw: half a point each."""
    duels = [Duel(0, 1, 1, 1), Duel(0, 2, 0, 2), Duel(1, 2, 1, 1)]
    assert best(duels, 3) == 1
    assert flip_rate(duels) == pytest.approx(1 / 3)
    assert [duel.winner for duel in duels] == [1, None, 1]


def test_of_equal_points_the_one_asked_first_wins():
    """Each beats one: 1 point each."""
    assert best([Duel(0, 1, 0, 0), Duel(0, 2, 2, 2), Duel(1, 2, 1, 1)], 3) == 0
    assert best([Duel(0, 1, 0, 1)], 2) == 0


def test_a_pair_with_one_verdict_is_drawn_and_says_nothing_of_order():
    """2 has a point of its pair with 1 and half a point of the other: 1.5 to 0.5 and 0."""
    duels = [Duel(0, 2, None, 0), Duel(1, 2, 2, 2)]
    assert best(duels, 3) == 2
    assert flip_rate(duels) == 0
    assert flip_rate(duels[:1]) is None


def test_without_any_verdict_nobody_wins():
    assert best([Duel(0, 1), Duel(0, 2), Duel(1, 2)], 3) is None
    assert best([], 1) is None
    assert pairs(1) == []
    assert pairs(3) == [(0, 1), (0, 2), (1, 2)]


@pytest.mark.parametrize("written", ["B", "b", "Answer B", ' "B". ', "answer: b"])
def test_a_letter_is_read_as_judges_write_it(written):
    assert read(json.dumps({"choice": written}), choice_among(2)).choice == "B"


@pytest.mark.parametrize("written", ["C", "", "AB", "A or B", "none", "0"])
def test_what_is_no_letter_of_them_is_nothing(written):
    assert read(f'{{"choice": "{written}"}}', choice_among(2)) is None


def test_an_order_is_drawn_by_the_answers_and_stays():
    texts = [f"answer {number}" for number in range(6)]
    assert drawn_order(texts) == drawn_order(list(texts))
    assert sorted(drawn_order(texts)) == [0, 1, 2, 3, 4, 5]
    first = {drawn_order([*texts[:5], f"other {number}"])[0] for number in range(60)}
    assert first == {0, 1, 2, 3, 4, 5}  # no place is anybody's


def test_answers_stand_between_marks_that_depend_on_all_of_them():
    one, other = lettered(["a", "b"]), lettered(["a", "c"])
    assert one.startswith("Answer A <")
    assert one.splitlines()[0] != other.splitlines()[0]
    assert "[…]" in lettered(["x" * 500], 200)
