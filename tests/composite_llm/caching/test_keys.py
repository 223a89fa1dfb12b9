"""Keys under which answers are kept."""

import pytest

from composite_llm.caching.keys import key_of, scope_of


def test_equal_parts_have_one_key_whatever_the_order_of_their_names():
    assert key_of("a", {"x": 1, "y": [2]}) == key_of("a", {"y": [2], "x": 1})


@pytest.mark.parametrize(
    "other", [("ab", "c"), ("a", {"x": "1"}), ("a", {"x": 1.5}), ("a", {"x": 1}, None), ("a", {"x": None})]
)
def test_whatever_differs_has_another_key(other):
    assert key_of("a", {"x": 1}) != key_of(*other)
    assert key_of("a", "bc") != key_of(*other)


@pytest.mark.parametrize("part", [object(), print, {1: "a number for a name"}, "\ud800"])
def test_what_json_cannot_hold_has_no_key(part):
    assert key_of(part) is None


@pytest.mark.parametrize(
    ("connection", "metadata"),
    [
        ({"api_key": "sk-two"}, {}),
        ({"api_key": "sk-one", "api_base": "http://elsewhere"}, {}),
        ({}, {}),
        ({"api_key": "sk-one"}, {"user_id": "u-1"}),
        ({"api_key": "sk-one"}, {"user_api_key": "hash"}),
        ({"api_key": "sk-one"}, {"user_api_key_team_id": "t-1"}),
    ],
)
def test_another_key_address_or_user_is_another_scope(connection, metadata):
    assert scope_of({"api_key": "sk-one"}, {}) != scope_of(connection, metadata)


def test_a_scope_tells_no_key_and_ignores_what_says_nothing_of_the_user():
    scope = scope_of({"api_key": "sk-one"}, {"tags": ["a"], "user_id": None})

    assert "sk-one" not in scope
    assert scope == scope_of({"api_key": "sk-one"}, {"tags": ["b"]})
