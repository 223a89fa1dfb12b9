"""Tokens, worked out by hand: four characters each, rounded up for every message."""

import pytest

from composite_llm.simulator import Simulator, count_tokens

# 32 characters, so 8 tokens; 150 of them are 1,200 tokens.
LINE = "abcdefghijklmnopqrstuvwxyz01234\n"
LONG = LINE * 150


def messages(*contents: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": content} for content in contents]


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("äöüß", 1)])
def test_a_token_is_four_characters(text, tokens):
    assert count_tokens(text) == tokens


def test_prompt_answer_and_total_are_counted(usage):
    # "abcde" is 2 tokens and "abcdefghi" 3; "Forty-two." is 3.
    counted = usage(messages=messages("abcde", "abcdefghi"), simulator={"content": "Forty-two."})

    assert counted == {
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "total_tokens": 8,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def test_every_choice_is_counted(usage):
    assert usage(n=4, simulator={"content": "Forty-two."})["completion_tokens"] == 12


def test_a_reasoning_model_spends_hidden_tokens_that_are_part_of_the_completion(usage):
    counted = usage(model="gpt-5", simulator={"content": "Forty-two."})

    reasoning = counted["completion_tokens_details"]["reasoning_tokens"]
    assert reasoning >= 64
    assert reasoning % 64 == 0
    assert counted["completion_tokens"] == reasoning + 3


def test_reasoning_follows_the_effort_and_leaves_room_for_words(usage):
    def reasoning(**fields):
        return usage(model="gpt-5", **fields)["completion_tokens_details"]["reasoning_tokens"]

    assert reasoning(reasoning_effort="minimal") == 0
    assert reasoning(reasoning_effort="low") < reasoning() < reasoning(reasoning_effort="high")
    assert reasoning(max_completion_tokens=100) == 50


def test_a_prompt_read_before_by_the_same_model_is_cached_in_steps_of_128(ask, usage):
    with Simulator(speed=0) as simulator:
        cached = [
            usage(LONG + question, to=simulator, model=model)["prompt_tokens_details"]["cached_tokens"]
            for model, question in [
                ("gpt-4o", "Why?"),
                ("gpt-4o", "Why?"),
                ("gpt-4o", "When?"),
                ("gpt-4o-mini", "Why?"),
            ]
        ]

    # 1,201 tokens hold 1,024 and one step of 128; the next step would end at 1,280.
    assert cached == [0, 1152, 1152, 0]


def test_only_the_leading_part_that_is_the_same_is_cached(usage):
    with Simulator(speed=0) as simulator:
        usage(LONG * 2, to=simulator)
        # The first 8 * 140 = 1,120 tokens agree: one whole 1,024 but not 1,152.
        counted = usage(LINE * 140 + "x" * 5000, to=simulator)

    assert counted["prompt_tokens_details"]["cached_tokens"] == 1024


def test_short_prompts_are_never_cached(usage):
    with Simulator(speed=0) as simulator:
        for _ in range(2):
            # 1,016 tokens.
            counted = usage(LINE * 127, to=simulator)

    assert counted["prompt_tokens_details"]["cached_tokens"] == 0


def test_a_request_may_dictate_its_usage(usage):
    stated = {"prompt_tokens": 1000, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 900}}

    assert usage(simulator={"usage": stated}) == {
        "prompt_tokens": 1000,
        "completion_tokens": 10,
        "total_tokens": 1010,
        "prompt_tokens_details": {"cached_tokens": 900},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def test_a_request_may_ask_for_an_answer_without_usage(ask):
    assert "usage" not in ask(simulator={"usage": None}).json()
