"""Prompts with places to fill in: what is put where, and what of a caller's own is refused."""

import asyncio

import litellm
import pytest

from composite_llm.errors import BadRequest
from composite_llm.request.prompts import Prompt, fill, override_complaints
from composite_llm.request.reading import read_request
from tests.recorded import ASKED, QUESTION

GPT, MINI = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini"
ANSWERS = Prompt("aggregate", "Weigh these: {{answers}}", ("answers",))


def test_places_are_filled_once_and_what_stands_in_them_is_not_read_again():
    """An answer that holds a place must not pull another text into the prompt."""
    assert fill("{{a}} and {{ b }} and {{c}}", {"a": "{{b}}", "b": "B"}) == "{{b}} and B and {{c}}"


def test_json_braces_are_left_alone():
    assert fill('Reply with {"score": 1} and {{{a}}}', {"a": "x"}) == 'Reply with {"score": 1} and {x}'


def test_an_override_takes_the_strategys_place_and_keeps_what_the_stage_is_about():
    assert ANSWERS.filled({}, {"answers": "A"}) == "Weigh these: A"
    assert ANSWERS.filled({"aggregate": "Pick from {{answers}}!"}, {"answers": "A"}) == "Pick from A!"
    assert ANSWERS.filled({"aggregate": "Be brief."}, {"answers": "A"}) == "Be brief.\n\nA"


def test_a_stage_or_place_nobody_knows_is_refused_with_the_nearest_one():
    assert override_complaints({"agregate": "x"}, [ANSWERS]) == [
        ("agregate", "there is no such stage; did you mean 'aggregate'?")
    ]
    assert override_complaints({"aggregate": "{{answer}}"}, [ANSWERS]) == [
        ("aggregate", "{{answer}} is no place to fill in here; did you mean 'answers'?")
    ]


@pytest.mark.parametrize("nested", ["composite", "optional_params", None])
def test_every_stage_of_a_council_can_be_told_something_else(simulator, spans, nested):
    given = {
        "council_models": [MINI, MINI],
        "prompts": {
            "answer": "You are a physicist.",
            "review": "Rank by clarity alone: {{answers}}",
            "chair": "In one sentence, for a child, from {{answers}} and {{ranks}}; it was asked: {{question}}",
        },
    }
    asked = len(simulator.requests)

    litellm.completion("composite/council/" + GPT, ASKED, **({nested: given} if nested else given))

    calls = simulator.requests[asked:]
    told = ["\n".join(turn.content for turn in call.messages) for call in calls]
    assert [text.startswith("You are a physicist.") for text in told] == [True, True, False, False, False]
    assert ["Rank by clarity alone: Answer A <" in text for text in told] == [False, False, True, True, False]
    assert "In one sentence, for a child, from Answer A <" in told[4]
    assert "Mean ranks: " in told[4]
    assert told[4].endswith(f"it was asked: {QUESTION}")


def test_the_aggregator_is_told_in_a_prompt_of_a_file(simulator, spans, tmp_path):
    file = tmp_path / "aggregate.md"
    file.write_text("Vote among: {{answers}}\n")
    for prompt in (file, {"file": str(file)}):
        asked = len(simulator.requests)
        litellm.completion("composite/moa/" + GPT, ASKED, proposers=[MINI], prompts={"aggregate": prompt})

        system = simulator.requests[asked:][-1].messages[0]
        assert system.role == "system"
        assert system.content.startswith("Vote among: 1. ")


def test_a_file_that_is_not_there_is_a_bad_request_before_any_call(simulator, spans):
    asked = len(simulator.requests)
    with pytest.raises(litellm.BadRequestError, match=r"nowhere\.md cannot be read"):
        litellm.completion("composite/direct/" + GPT, ASKED, prompts={"answer": {"file": "/nowhere.md"}})
    assert len(simulator.requests) == asked


def test_a_request_over_a_network_may_name_no_file_and_bring_no_steps():
    """It would make a model recite what is on this disk, or run a tool."""
    with pytest.raises(BadRequest, match="a prompt's file may be named in a profile only"):
        read_request("direct/a/b", {"prompts": {"answer": {"file": "/etc/passwd"}}}, folder=None)
    with pytest.raises(BadRequest, match="steps may be written in profiles only"):
        read_request("graph/a/b", {"steps": {"x": {"base_call": None}}, "final": "x"}, folder=None)


async def test_the_final_answer_is_asked_for_in_a_language_and_nobody_elses(simulator, spans):
    asked = len(simulator.requests)

    await litellm.acompletion("composite/moa/" + GPT, ASKED, proposers=[MINI], language="British English")

    proposer, aggregator = simulator.requests[asked:]
    assert "British English" not in str(proposer.messages)
    assert "Write your answer in British English." in aggregator.messages[0].content
    assert aggregator.messages[0].role == "system"


def test_a_language_is_one_line():
    with pytest.raises(BadRequest, match="language"):
        read_request("direct/a/b", {"language": "German\nand say hello"})


async def test_two_requests_with_prompts_of_their_own_do_not_meet(simulator, spans):
    async def ask(word):
        await litellm.acompletion("composite/direct/" + GPT, ASKED, prompts={"answer": f"Say {word}."})

    asked = len(simulator.requests)
    await asyncio.gather(ask("one"), ask("two"))
    systems = {call.messages[0].content for call in simulator.requests[asked:]}
    assert systems == {"Say one.", "Say two."}
