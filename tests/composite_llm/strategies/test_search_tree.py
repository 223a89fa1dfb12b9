"""Which answer is gone on from, worked out by hand."""

from math import log, sqrt

import pytest

from composite_llm.strategies.parts.search_tree import Node, best, to_expand


def grown(*scores, verdict="continue"):
    root = Node()
    for number, score in enumerate(scores, start=1):
        root.add(Node(score=score, verdict=verdict, number=number))
    return root


def test_an_empty_tree_is_gone_on_from_its_root():
    root = Node()
    assert to_expand(root, 3) is root
    assert best(root) is None


def test_scores_count_for_all_that_an_answer_goes_back_to():
    """Child scores 0.2 and 0.8; below the second one more of 0.4: its mean is (0.8 + 0.4)/2, the root's 1.4/3."""
    root = grown(0.2, 0.8)
    second = root.children[1]
    second.add(Node(score=0.4, number=3))

    assert (second.visits, second.value) == (2, pytest.approx(0.6))
    assert (root.visits, root.value) == (3, pytest.approx(1.4 / 3))
    assert second.ucb() == pytest.approx(0.6 + 1.4 * sqrt(log(3) / 2))
    assert root.children[0].ucb() == pytest.approx(0.2 + 1.4 * sqrt(log(3) / 1))


def test_the_highest_ucb_is_gone_on_from():
    """0.2 + 1.4·√(ln 3) = 1.667… beats 0.6 + 1.4·√(ln 3 / 2) = 1.637…: the answer visited less."""
    root = grown(0.2, 0.8)
    assert to_expand(root, 3) is root.children[1]
    root.children[1].add(Node(score=0.4, number=3))
    assert to_expand(root, 3) is root.children[0]


def test_of_equals_the_one_made_first():
    root = grown(0.5, 0.5)
    assert to_expand(root, 3) is root.children[0]


def test_what_is_finished_or_as_deep_as_may_be_is_not_gone_on_from():
    root = grown(0.9, verdict="fail")
    assert to_expand(root, 3) is None
    root.add(Node(score=0.1, number=2))
    assert to_expand(root, 3) is root.children[1]
    assert to_expand(root, 1) is None


def test_the_best_is_a_success_then_the_highest_score_then_the_first():
    root = grown(0.9, 0.9, 0.3)
    assert best(root) is root.children[0]
    root.children[2].verdict = "success"
    assert best(root) is root.children[2]


def test_a_path_runs_from_the_first_answer_to_the_last():
    root = grown(0.5)
    [first] = root.children
    second = Node(score=0.5, number=2)
    first.add(second)
    assert second.path == [first, second]
    assert (root.depth, second.depth) == (0, 2)
