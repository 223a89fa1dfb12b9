"""Reading rankings out of reviews, and the mean ranks of several."""

import json

import pytest

from composite_llm.strategies.parts.rankings import label, mean_ranks, ranking_schema, read_ranking

ABC = ["A", "B", "C"]


def test_letters_go_on_past_z():
    assert [label(position) for position in (0, 25, 26, 27, 51, 52)] == ["A", "Z", "AA", "AB", "AZ", "BA"]


@pytest.mark.parametrize(
    ("review", "labels", "found_in"),
    [
        ('{"assessment": "B is best", "ranking": ["B", "A", "C"]}', ("B", "A", "C"), "json"),
        ('```json\n{"ranking": ["c", "b", "a"]}\n```', ("C", "B", "A"), "json"),
        ("All fine.\nFINAL RANKING:\n1. Response C\n2. Response A\n3. Response B", ("C", "A", "B"), "text"),
        ("Ranking: B > C > A, I think", ("B", "C", "A"), "text"),
        ("Ranking:\n1) **Answer A**\n2) Answer C", ("A", "C"), "text"),
        ("A good answer is hard to find. I cannot choose.", (), "none"),
        ("", (), "none"),
    ],
)
def test_a_ranking_is_read_from_json_or_from_text(review, labels, found_in):
    ranking = read_ranking(review, ABC)

    assert (ranking.labels, ranking.found_in) == (labels, found_in)


def test_doubles_and_letters_nobody_has_are_dropped():
    review = json.dumps({"ranking": ["B", "B", "Z", "A"]})

    assert read_ranking(review, ABC).labels == ("B", "A")


def test_mean_ranks_are_means_of_places_best_first():
    # Member 0: places 1 and 2; member 1: 2 and 1; member 2: 3 and 3.
    assert mean_ranks([([0, 1, 2], [0, 1, 2]), ([1, 0, 2], [2, 1, 0])]) == {0: 1.5, 1: 1.5, 2: 3.0}


def test_members_left_out_of_a_ranking_share_its_last_places():
    # One reviewer names only member 2: members 0 and 1 share places 2 and 3, so 2.5 each.
    assert mean_ranks([([2], [0, 1, 2])]) == {2: 1.0, 0: 2.5, 1: 2.5}


def test_a_member_a_ballot_was_not_about_has_no_place_in_it():
    # Member 0: first of member 1's ballot, second of member 2's. Member 1: second of 0's, first of 2's.
    # Member 2: first of 0's, second of 1's.
    assert mean_ranks([([2, 1], [1, 2]), ([0, 2], [0, 2]), ([1, 0], [0, 1])]) == {0: 1.5, 1: 1.5, 2: 1.5}


def test_no_ballots_give_no_ranks():
    assert mean_ranks([]) == {}


def test_the_schema_asks_for_every_letter_once():
    ranking = ranking_schema(ABC)["json_schema"]["schema"]["properties"]["ranking"]

    assert ranking["items"]["enum"] == ABC
    assert (ranking["minItems"], ranking["maxItems"], ranking["uniqueItems"]) == (3, 3, True)
