"""Which spans open a level, over small traces written by hand."""

import pytest

from collector.recursion.levels import Nested, levels_of
from composite_llm import conventions as c


def placed(*spans):
    """Each span as its parent's place, its type and its maker; the levels of all."""
    return levels_of(
        [Nested(parent, kind, kind == c.LLM_CALL, made == "other") for parent, kind, made in spans]
    )


def test_a_recursive_run_has_a_level_for_each_node_and_one_for_request_and_root():
    levels = placed(
        (-1, c.REQUEST, "us"),
        (0, c.RLM_NODE, "us"),
        (1, c.STAGE, "us"),
        (2, c.LLM_CALL, "us"),
        (2, c.REPL_EXEC, "us"),
        (4, c.LLM_CALL, "us"),
        (4, c.RLM_NODE, "us"),
        (6, c.LLM_CALL, "us"),
        (4, c.RLM_NODE, "us"),
    )

    assert levels.depth == [0, 0, 0, 0, 0, 0, 1, 1, 1]
    assert levels.level == [0, 0, 0, 0, 0, 0, 6, 6, 8]
    assert [place for place in range(9) if levels.begins_level(place)] == [0, 6, 8]
    assert levels.bears[8]  # it came to no call, and is told of
    assert levels.deepest == 1


def test_a_composite_inside_a_composite_is_a_level_of_its_own():
    levels = placed(
        (-1, c.REQUEST, "us"),
        (0, c.STAGE, "us"),
        (1, c.REQUEST, "us"),
        (2, c.RLM_NODE, "us"),
        (3, c.LLM_CALL, "us"),
        (1, c.LLM_CALL, "us"),
    )

    assert levels.depth == [0, 0, 1, 1, 1, 0]


def test_agents_of_others_are_levels_and_what_only_wraps_one_is_none():
    levels = placed(
        (-1, "chain", "other"),  # wraps the agent
        (0, "agent", "other"),
        (1, c.LLM_CALL, "other"),
        (1, "tool", "other"),  # wraps the second agent
        (3, "agent", "other"),
        (4, c.LLM_CALL, "other"),
        (1, "tool", "other"),  # no model below it
        (-1, None, "other"),  # says nothing of models
        (7, c.LLM_CALL, "other"),
    )

    assert levels.opens == [False, True, False, False, True, False, False, False, False]
    assert levels.depth == [0, 0, 0, 0, 1, 1, 0, 0, 0]
    assert levels.bears == [True] * 6 + [False, True, True]


def test_a_plain_composite_has_no_recursion():
    assert placed((-1, c.REQUEST, "us"), (0, c.STAGE, "us"), (1, c.LLM_CALL, "us")).deepest == 0


@pytest.mark.parametrize("length", [0, 1, 10_000])
def test_a_chain_may_be_as_long_as_it_likes(length):
    levels = levels_of([Nested(place - 1, c.REQUEST, False, False) for place in range(length)])

    assert levels.depth == list(range(length))
