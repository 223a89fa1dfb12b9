"""Where members are asked in a conversation whose client runs tools."""

import pytest

from composite_llm.tools.turns import asked_up_to, first_call_ids, iterations

SYSTEM, USER = {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Is it cold?"}


def calls(*ids):
    return {"role": "assistant", "tool_calls": [{"id": one, "function": {"name": "look"}} for one in ids]}


def result(call_id):
    return {"role": "tool", "tool_call_id": call_id, "content": "4"}


FIRST = [SYSTEM, USER]
SECOND = [*FIRST, calls("a", "b"), result("a"), result("b")]  # 5 messages
THIRD = [*SECOND, calls("c"), result("c")]  # 7
FOURTH = [*THIRD, calls("d"), result("d")]  # 9


@pytest.mark.parametrize(
    ("fanout", "places"),
    [
        ("user_turn", [2, 2, 2, 2]),
        ("off", [2, 2, 2, 2]),
        ("per_iteration", [2, 5, 7, 9]),
        ("every_n:1", [2, 5, 7, 9]),
        ("every_n:2", [2, 2, 7, 7]),
        ("every_n:3", [2, 2, 2, 9]),
    ],
)
def test_members_are_asked_at_the_iterations_fanout_says(fanout, places):
    assert [asked_up_to(messages, fanout) for messages in (FIRST, SECOND, THIRD, FOURTH)] == places


def test_the_next_turn_of_the_user_is_asked_anew():
    next_turn = [*THIRD, {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "And Rome?"}]

    assert asked_up_to(next_turn, "user_turn") == len(next_turn)
    assert iterations([*next_turn, calls("e"), result("e")]) == [9, 11]


@pytest.mark.parametrize(
    "messages",
    [
        [SYSTEM],
        [*FIRST, calls("a")],
        [*SECOND, {"role": "assistant", "content": "So"}],
        [calls("a"), result("a")],
        [],
    ],
)
def test_what_is_no_tool_loop_is_read_whole(messages):
    assert asked_up_to(messages, "user_turn") == len(messages)


def test_the_first_calls_of_a_loop_name_it():
    assert first_call_ids(THIRD[2:]) == ["a", "b"]
    assert first_call_ids([]) == []
