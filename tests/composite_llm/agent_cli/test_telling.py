"""Lines of a run, read: what was said, once each, whatever the version that said it."""

import json

import pytest

from composite_llm.accounting.ledger import Cost, Usage
from composite_llm.agent_cli.telling import Said, Telling
from composite_llm.agent_cli.usage import cost_told, estimated, usage_told
from tests.composite_llm.agent_cli.lines import (
    INIT,
    SESSION,
    before_a_tool,
    piece,
    result,
    thought,
    tool,
    usage,
    whole,
)


def heard(*lines):
    telling = Telling(lambda event: None)
    said = [
        each for line in lines for each in telling.hear(line if isinstance(line, str) else json.dumps(line))
    ]
    return telling, said


def without_moment(event):
    return {name: value for name, value in event.items() if name != "timestamp_ms"}


@pytest.mark.parametrize(
    "events",
    [
        [piece("Look: "), piece("blue."), whole("Look: blue."), result("Look: blue.")],
        [
            piece("Look: "),
            before_a_tool("Look: "),
            tool("started"),
            piece("blue."),
            whole("blue."),
            result("Look: blue."),
        ],
        [before_a_tool("Look: "), tool("started"), tool("completed"), whole("blue."), result("Look: blue.")],
        [whole("Look: blue."), result("Look: blue.")],
        [
            without_moment(piece("Look: ")),
            without_moment(piece("blue.")),
            whole("Look: blue."),
            result("Look: blue."),
        ],
        [piece("Look: "), result("Look: blue.")],
        [result("Look: blue.")],
        [piece("Look: "), whole("Look: blue."), result("something else")],
    ],
    ids=[
        "pieces, then the whole",
        "two messages around a tool",
        "wholes alone",
        "one whole",
        "pieces without a moment",
        "the end in the result alone",
        "a result alone",
        "a result that does not fit what was said",
    ],
)
def test_what_was_said_is_said_once(events):
    telling, said = heard(INIT, *events)

    assert "".join(each.text for each in said) == telling.text == "Look: blue."
    assert (telling.session, telling.model, telling.failed) == (SESSION, "Composer 2.5", False)


def test_thoughts_are_no_words():
    telling, said = heard(thought("Short waves "), thought("scatter."), whole("Blue."), result("Blue."))

    assert said[0] == Said("reasoning_content", "Short waves ")
    assert (telling.thoughts, telling.text) == ("Short waves scatter.", "Blue.")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not JSON",
        '{"type": "assistant", "mess',
        "[" * 100_000,
        "7",
        "9" * 5000,
        '"text"',
        '{"type": ["assistant"]}',
        '{"type": "assistant", "message": 7}',
        '{"type": "assistant", "message": {"content": [7, {"text": 7}, {}]}}',
        '{"type": "thinking", "text": null}',
        '{"type": "tool_call", "tool_call": "read"}',
        '{"type": "of a later version", "text": "?"}',
        '{"type": "error", "message": {"of": "a later version"}}',
        '{"type": "system", "subtype": "init", "model": 7, "session_id": {}}',
    ],
)
def test_a_line_nobody_understands_takes_nothing_from_the_others(line):
    telling, _ = heard(INIT, piece("Blue."), line, whole("Blue."), result("Blue."))

    assert telling.text == "Blue."
    assert telling.session == SESSION


def test_of_lines_that_are_no_events_the_last_ones_are_kept_shortened():
    telling, _ = heard(*(f"{number} {'x' * 5000}" for number in range(50)))

    assert len(telling.complaints) == 20
    assert telling.complaints[-1] == f"49 {'x' * 997}"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (usage(13112, 28, 7808), Usage(20920, 28, cached=7808)),
        (usage(100, 20, 300, 50), Usage(450, 20, cached=300, cache_write=50)),
        ({"inputTokens": 100, "outputTokens": 20}, Usage(100, 20)),
        (
            {
                "usage": {
                    "input_tokens": 3,
                    "output_tokens": 4,
                    "cache_read_input_tokens": 5,
                    "cache_creation_input_tokens": 6,
                }
            },
            Usage(14, 4, cached=5, cache_write=6),
        ),
        ({}, None),
        ({"usage": None}, None),
        (usage(0, 0), None),
        (usage(-1, 5), None),
        (usage(1.5, 5), None),
        (usage(True, 5), None),
        (usage("9", 5), None),
        (usage(10**30, 5), None),
    ],
)
def test_cached_tokens_are_part_of_the_input_and_what_cannot_be_is_not_believed(told, expected):
    assert usage_told(result("Blue.", **told)) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (0.25, Cost(0.25, by_provider=True)),
        (0, None),
        (-1, None),
        (True, None),
        ("1", None),
        (float("nan"), None),
    ],
)
def test_a_cost_is_believed_where_it_is_one(told, expected):
    assert cost_told(result("Blue.", total_cost_usd=told)) == expected


def test_an_estimate_says_that_it_is_one():
    assert estimated("12345", "1234") == Usage(2, 1, estimated=True)
    assert (Usage(10, 10) + estimated("1234", "")).estimated
