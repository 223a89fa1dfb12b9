"""Who hears whom in a debate."""

import pytest

from composite_llm.strategies.parts.topology import heard_by, voice

SEVEN = [None] * 7


def heard(topology, revision=1, keys=SEVEN, size=3):
    return [heard_by(seat, topology, size, revision, keys) for seat in range(len(keys))]


def test_in_the_full_topology_everybody_hears_everybody_else():
    assert heard("full", keys=[None] * 3) == [[1, 2], [0, 2], [0, 1]]
    assert heard("full", keys=[None]) == [[]]


@pytest.mark.parametrize(
    ("agents", "expected"),
    [
        (5, [[1, 4], [0, 2], [1, 3], [2, 4], [0, 3]]),
        (3, [[1, 2], [0, 2], [0, 1]]),
        (2, [[1], [0]]),
        (1, [[]]),
    ],
)
def test_in_a_ring_the_two_neighbours(agents, expected):
    assert heard("ring", keys=[None] * agents) == expected


def test_in_groups_the_others_of_ones_own_group():
    """Seven by threes: 0-2, 3-5, and 6 alone."""
    assert heard("groups") == [[1, 2], [0, 2], [0, 1], [4, 5], [3, 5], [3, 4], []]


def test_in_every_second_revision_one_voice_of_each_other_group_too():
    """Of 0-2 most say b, first seat 1; of 3-5 all differ, first seat 3; of the last there is only 6."""
    keys = ["a", "b", "b", "c", "d", "e", "f"]
    assert heard("groups", 2, keys) == [
        [1, 2, 3, 6],
        [0, 2, 3, 6],
        [0, 1, 3, 6],
        [1, 4, 5, 6],
        [1, 3, 5, 6],
        [1, 3, 4, 6],
        [1, 3],
    ]
    assert heard("groups", 3, keys) == heard("groups", 1, keys)


def test_the_voice_of_a_group_that_says_nothing_to_compare_is_its_first():
    assert voice(range(3, 6), SEVEN) == 3
