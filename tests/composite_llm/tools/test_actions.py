"""What members want to do, compared."""

import pytest

from composite_llm.tools.actions import action_of, canonical, in_words, tally


def wants(*calls, content=None):
    made = [
        {"id": f"call_{place}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for place, (name, arguments) in enumerate(calls)
    ]
    return {"role": "assistant", "content": content, "tool_calls": made}


SAYS = {"role": "assistant", "content": "It is cold."}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"city": "Oslo", "unit": "c"}', '{"unit":"c","city":"Oslo"}'),
        ('{"days": 2}', '{"days": 2.0}'),
        ("", "{}"),
        ("{broken", " {broken "),
    ],
)
def test_arguments_that_say_the_same_are_one(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [('{"days": 2}', '{"days": "2"}'), ('{"days": 2}', '{"days": 2.5}'), ('{"a": [1, 2]}', '{"a": [2, 1]}')],
)
def test_arguments_that_differ_stay_apart(one, other):
    assert canonical(one) != canonical(other)


def test_calls_made_together_are_one_action_in_any_order():
    assert action_of(wants(("a", "{}"), ("b", "{}"))) == action_of(wants(("b", "{}"), ("a", "{}")))
    assert action_of(wants(("a", "{}"))) != action_of(wants(("a", "{}"), ("a", "{}")))


def test_what_most_want_wins():
    votes = tally(
        [wants(("look", '{"x": 1}')), SAYS, wants(("look", '{"x":1}')), wants(("look", '{"x": 2}'))]
    )

    assert votes.winner == (("look", '{"x":1}'),)
    assert [list(positions) for positions in votes.voters.values()] == [[0, 2], [1], [3]]


def test_words_are_one_action_whatever_they_say():
    votes = tally([SAYS, {"role": "assistant", "content": "It is warm."}, wants(("look", "{}"))])

    assert votes.winner == ()


def test_a_tie_has_no_winner():
    assert tally([SAYS, wants(("look", "{}"))]).winner is None
    assert tally([wants(("a", "{}")), wants(("b", "{}")), wants(("c", "{}"))]).winner is None


def test_a_proposed_call_can_be_read():
    assert in_words(wants(("look", '{"x": 1}'), content="Hm.")) == 'Hm.\n[would call look with {"x": 1}]'
