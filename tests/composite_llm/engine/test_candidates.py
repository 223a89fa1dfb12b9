"""Calls whose answer may be the client's: `stage.candidates`, through strategies that use it, over real HTTP."""

import json

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.caching import answers
from tests.composite_llm.strategies.asked import (
    GPT,
    MINI,
    QUESTION,
    SONNET,
    ask,
    by_index,
    calls,
    noted,
    picks,
    text,
)
from tests.scripted_answers import script

pytestmark = pytest.mark.usefixtures("simulator")

TOOL = {
    "type": "function",
    "function": {"name": "look", "description": "look", "parameters": {"type": "object", "properties": {}}},
}


@pytest.fixture(autouse=True)
def nothing_remembered():
    answers._memory.clear()


def test_a_fallback_that_takes_no_temperature_is_sent_none(monkeypatch, spans):
    """gpt-4o takes ours and fails; gpt-5 takes none, and all that the client asks."""
    heard = script(monkeypatch, lambda request: "42" if request.model.endswith("gpt-5") else {"fault": "401"})
    response = ask("self_consistency", samples=1, tools=[TOOL], composite={"fallbacks": ["sim/openai/gpt-5"]})

    assert text(response) == "42"
    asked = [(request.model, request.body.get("temperature"), request.body["tools"]) for request in heard]
    assert asked == [("openai/gpt-4o", 0.7, [TOOL]), ("openai/gpt-5", None, [TOOL])]


def test_what_a_model_does_not_take_of_the_clients_fails_it_and_not_the_others(monkeypatch, spans):
    """gpt-5 takes no temperature of 0.3: dropped in silence it would not be what the client asked for."""
    heard = script(monkeypatch, by_index("a", "b", "c", judge=picks("c")))
    response = ask("judge", candidates=[MINI, "sim/openai/gpt-5", SONNET], temperature=0.3)

    assert text(response) == "c"
    assert len(heard) == 3
    assert composite_llm.receipt(response).degraded == ["judge.answers: 2 of 3 answered"]


def test_a_composite_that_is_a_candidate_answers_as_the_client_asks(monkeypatch, spans):
    """Its final call has the client's tools; what it calls comes back through both."""

    def says(request):
        if request.json_schema:
            return picks("would call look")(request)
        if request.model.endswith("claude-sonnet-4-5"):
            return {"content": "", "tool_calls": [{"name": "look", "arguments": "{}"}]}
        return "I see nothing."

    heard = script(monkeypatch, says)
    response = ask("judge", candidates=[MINI, f"composite/direct/{SONNET}"], tools=[TOOL], max_calls=3)

    [call] = response.choices[0].message.tool_calls
    assert call.function.name == "look"
    [sonnet] = [request for request in heard if request.model.endswith("claude-sonnet-4-5")]
    assert sonnet.body["tools"] == [TOOL]
    receipt = composite_llm.receipt(response)
    assert [record.stage for record in receipt.calls] == [
        "judge.answers",
        "judge.answers[1] › direct",
        "judge.verdict",
    ]


def test_a_quorum_of_candidates_is_enough(monkeypatch, spans):
    """The third never answers, and is not waited for; it may be billed."""
    endless = {"content": "", "delay_s": 3600}
    script(monkeypatch, by_index("a", "b", endless, judge=picks("b")))
    response = ask("judge", candidates=[f"{MINI} × 3"], min_responses=2, grace_s=0)

    assert text(response) == "b"
    assert noted(spans, "judge.answers")[c.STAGE_LEFT_BEHIND] == 1
    receipt = composite_llm.receipt(response)
    assert (receipt.degraded, receipt.cost_status) == ([], "partial")


def test_answers_of_candidates_are_used_again_where_that_is_wanted(monkeypatch, spans):
    heard = script(monkeypatch, by_index("1", "2", "2"))
    first = ask("self_consistency", samples=3, composite={"cache": "panel"})
    again = ask("self_consistency", samples=3, composite={"cache": "panel"})
    other = ask("self_consistency", samples=3, max_tokens=50, composite={"cache": "panel"})

    assert [text(response) for response in (first, again, other)] == ["2", "2", "2"]
    assert len(heard) == 3 + 0 + 3
    assert composite_llm.receipt(again).cost_usd == 0
    assert [span.attributes[c.CALL_OUTCOME] for span in calls(spans)].count("cached") == 3


def test_but_not_of_one_whose_tools_ran_here(monkeypatch, spans):
    def says(request):
        if request.messages[-1].role == "tool":
            return f"Saw {request.messages[-1].content}."
        return {"content": "", "tool_calls": [{"name": "look", "arguments": "{}"}]}

    script(monkeypatch, says)
    seen = iter(["one", "two"])
    given = {"samples": 1, "tools": [TOOL], "tool_executor": {"look": lambda: next(seen)}}
    found = [text(ask("self_consistency", **given, composite={"cache": "panel"})) for _ in range(2)]
    assert found == ["Saw one.", "Saw two."]


def test_a_whole_answer_that_was_chosen_is_kept(monkeypatch, spans):
    heard = script(monkeypatch, by_index("1", "2", "2"))
    found = [text(ask("self_consistency", samples=3, composite={"cache": "response"})) for _ in range(2)]
    assert found == ["2", "2"]
    assert len(heard) == 3


def test_with_passthrough_tools_there_is_nothing_to_choose(monkeypatch, spans):
    heard = script(monkeypatch, lambda request: "Alone.")
    response = ask("best_of_n", tools=[TOOL], tool_policy="passthrough_on_tools")
    assert text(response) == "Alone."
    assert len(heard) == 1


def test_what_models_without_parameters_of_ours_are_sent_is_as_before(monkeypatch, spans):
    """Members are still asked nothing of what the client asks, and models drop what they do not take."""
    heard = script(monkeypatch, lambda request: "x")
    composite_llm.completion(
        f"composite/moa/{GPT}", QUESTION, proposers=["sim/openai/gpt-5"], max_tokens=9, tools=[TOOL]
    )
    member, final = heard
    assert not {"max_tokens", "tools", "temperature"} & member.body.keys()
    assert (final.body["max_tokens"], json.dumps(final.body["tools"])) == (9, json.dumps([TOOL]))
