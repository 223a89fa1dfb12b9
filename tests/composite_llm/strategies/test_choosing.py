"""What holds for every strategy whose answer is one of several: each candidate is asked as the client asks."""

import json

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.tools.registry import register_tool, unregister_tool
from tests.composite_llm.strategies.asked import (
    GPT,
    MINI,
    QUESTION,
    ask,
    by_index,
    calls,
    shown,
    text,
    used,
)
from tests.scripted_answers import script
from tests.streams import Streamed

pytestmark = pytest.mark.usefixtures("simulator")

TWO = {
    "self_consistency": {"samples": 2, "decide": "llm"},
    "best_of_n": {"samples": 2},
    "judge": {"candidates": [GPT, GPT]},
    "debate": {"agents": 2, "rounds": 1, "decide": "judge"},
}
"""Each asks two candidates, and a judge where they differ."""


@pytest.fixture
def search():
    def search_handbook(query: str) -> str:
        """Search the handbook."""
        return f"found {query}"

    yield register_tool(search_handbook)
    unregister_tool("search_handbook")


EACH = pytest.mark.parametrize("strategy", TWO)

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def wants(wanted):
    """A judge of any of these strategies that wants the answer that says so."""

    def judge(request):
        answers = shown(request)
        if "score" in request.json_schema["properties"]:
            return json.dumps({"score": 9 if any(wanted in answer for answer in answers.values()) else 1})
        return json.dumps({"choice": next(letter for letter, said in answers.items() if wanted in said)})

    return judge


def calling(city):
    return {"content": "", "tool_calls": [{"name": "get_weather", "arguments": json.dumps({"city": city})}]}


def both(heard):
    """The requests of the two candidates, by index, and the judge's."""
    candidates = [request for request in heard if not request.json_schema]
    return sorted(candidates[:2], key=lambda request: request.body["seed"]), heard[2:]


@EACH
def test_candidates_are_asked_as_the_client_asks_and_the_judge_is_not(monkeypatch, spans, strategy):
    heard = script(monkeypatch, by_index("a", "b", judge=wants("b")))
    asked = {"max_tokens": 99, "stop": ["END"], "temperature": 0.2, "top_p": 0.9}
    response = ask(strategy, **TWO[strategy], **asked)

    assert text(response) == "b"
    candidates, judges = both(heard)
    for request in candidates:
        assert {name: request.body[name] for name in asked} == asked
        assert request.body["messages"] == QUESTION
    assert judges
    for request in judges:
        assert not {"max_tokens", "stop", "top_p"} & request.body.keys()
    assert [request.body["seed"] for request in candidates] == [0, 1]


@EACH
def test_the_chosen_answers_own_json_comes_back(monkeypatch, spans, strategy):
    form = {"type": "json_object"}
    heard = script(monkeypatch, by_index('{"a": 1}', '{"a": 2}', judge=wants('"a": 2')))
    response = ask(strategy, **TWO[strategy], response_format=form)

    assert text(response) == '{"a": 2}'
    assert [request.body["response_format"] for request in both(heard)[0]] == [form, form]


@EACH
@pytest.mark.parametrize("policy", ["final_only", "vote"])
def test_the_chosen_answers_tool_calls_come_back(monkeypatch, spans, strategy, policy):
    heard = script(monkeypatch, by_index(calling("Oslo"), calling("Rome"), judge=wants("Rome")))
    response = ask(strategy, **TWO[strategy], tools=[WEATHER], tool_policy=policy)

    [call] = response.choices[0].message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Rome"})
    assert response.choices[0].finish_reason == "tool_calls"
    candidates, judges = both(heard)
    assert [request.body["tools"] for request in candidates] == [[WEATHER]] * 2
    for request in judges:
        assert "tools" not in request.body
        assert "[would call get_weather with " in request.messages[-1].content
    assert all(c.VOTE_OUTCOME not in span.attributes for span in spans.get_finished_spans())


def test_equal_tool_calls_are_equal_answers(monkeypatch, spans):
    one = {"content": "Well.", "tool_calls": [{"name": "get_weather", "arguments": '{"city":"Oslo","at":2}'}]}
    other = {
        "content": "",
        "tool_calls": [{"name": "get_weather", "arguments": '{ "at": 2.0, "city": "Oslo" }'}],
    }
    script(monkeypatch, by_index("It is cold.", one, other))
    response = ask("self_consistency", samples=3, tools=[WEATHER])
    assert text(response) == "Well."
    assert len(response.choices[0].message.tool_calls) == 1


@EACH
def test_each_step_of_a_tool_loop_is_chosen_anew_with_all_it_brought(monkeypatch, spans, strategy):
    script(monkeypatch, by_index(calling("Oslo"), calling("Oslo"), judge=wants("Oslo")))
    first = ask(strategy, **TWO[strategy], tools=[WEATHER])
    message = first.choices[0].message.model_dump(exclude_none=True)
    result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "4 degrees"}
    spans.clear()
    heard = script(monkeypatch, by_index("Cold.", "Mild.", judge=wants("Mild.")))
    response = ask(strategy, [*QUESTION, message, result], **TWO[strategy], tools=[WEATHER])

    assert text(response) == "Mild."
    candidates, judges = both(heard)
    for request in candidates:
        assert [message.role for message in request.messages] == ["user", "assistant", "tool"]
    for request in judges:
        said = "\n".join(message.content for message in request.messages)
        assert "[get_weather returned:\n4 degrees]" in said
        assert all(message.role != "tool" for message in request.messages)
    assert all(c.PANEL_CACHE not in span.attributes for span in spans.get_finished_spans())


@EACH
def test_with_an_executor_each_candidate_runs_its_tools_and_the_answer_is_words(monkeypatch, spans, strategy):
    def says(request):
        if request.json_schema:
            return wants("1 run")(request)
        if request.messages[-1].role == "tool":
            return f"After {request.messages[-1].content}."
        return calling(str(request.body["seed"]))

    script(monkeypatch, says)
    ran = []

    def get_weather(city):
        ran.append(city)
        return f"{city} run"

    response = ask(strategy, **TWO[strategy], tools=[WEATHER], tool_executor={"get_weather": get_weather})
    assert text(response) == "After 1 run."
    assert sorted(ran) == ["0", "1"]


@EACH
def test_tools_of_members_are_the_candidates_too_and_the_client_hears_nothing_of_them(
    monkeypatch, spans, strategy, search
):
    def says(request):
        if request.json_schema:
            return wants("b")(request)
        if request.messages[-1].role == "tool":
            return "ab"[request.body["seed"]]
        return {"content": "", "tool_calls": [{"name": "search_handbook", "arguments": '{"query": "x"}'}]}

    heard = script(monkeypatch, says)
    given = {"tool_policy": "members_internal", "internal_tools": ["search_handbook"], "tools": [WEATHER]}
    response = ask(strategy, **TWO[strategy], **given)

    assert text(response) == "b"
    assert not response.choices[0].message.tool_calls
    names = [tool["function"]["name"] for tool in both(heard)[0][0].body["tools"]]
    assert names == ["get_weather", "search_handbook"]


@EACH
def test_a_client_that_asks_for_several_answers_gets_those_of_the_chosen_candidate(
    monkeypatch, spans, strategy
):
    heard = script(monkeypatch, by_index("a", "b", judge=wants("b")))
    response = ask(strategy, **TWO[strategy], n=3)
    assert [choice.message.content for choice in response.choices] == ["b", "b", "b"]
    assert [request.body["n"] for request in both(heard)[0]] == [3, 3]


@EACH
@pytest.mark.parametrize("tools", [None, [WEATHER]])
def test_a_stream_is_replayed_whole_and_ends_with_the_sum_of_all_calls(monkeypatch, spans, strategy, tools):
    """Two candidates of 1000 and 100 tokens, whatever the judges take on top."""
    answer = used("b " * 300, 1000, 100)
    if tools:
        answer |= {"tool_calls": calling("Rome")["tool_calls"]}
    script(monkeypatch, by_index(used("a", 1000, 100), answer, judge=wants("b b")))
    given = {"tools": tools} if tools else {}
    stream = Streamed(
        list(ask(strategy, **TWO[strategy], **given, stream=True, stream_options={"include_usage": True}))
    )

    assert stream.text == "b " * 300
    assert stream.finish_reasons == ["tool_calls" if tools else "stop"]
    called = [call.function.arguments for delta in stream.deltas() for call in delta.tool_calls or ()]
    assert "".join(called) == ('{"city": "Rome"}' if tools else "")
    leaves = calls(spans)
    assert stream.usage.prompt_tokens == sum(span.attributes[c.INPUT_TOKENS] for span in leaves) > 2000
    assert stream.usage.completion_tokens == sum(span.attributes[c.OUTPUT_TOKENS] for span in leaves)
    [request] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    assert request.attributes[c.STREAM_KIND] == "replayed"


@EACH
def test_the_whole_is_the_sum_of_its_calls(monkeypatch, spans, strategy):
    script(monkeypatch, by_index("a", "b", judge=wants("b")))
    receipt = composite_llm.receipt(ask(strategy, **TWO[strategy]))
    leaves = calls(spans)
    assert receipt.usage.input == sum(span.attributes[c.INPUT_TOKENS] for span in leaves)
    assert receipt.usage.output == sum(span.attributes[c.OUTPUT_TOKENS] for span in leaves)
    assert receipt.cost_usd == pytest.approx(sum(span.attributes[c.COST_USD] for span in leaves), abs=1e-15)
    [request] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    assert request.attributes[c.ROLLUP_CALLS] == len(leaves)


@EACH
def test_an_unknown_price_is_unknown_and_never_nothing(monkeypatch, spans, strategy):
    script(monkeypatch, by_index("a", "b", judge=wants("b")))
    response = ask(strategy, model="sim/acme/frontier-1", **TWO[strategy])
    receipt = composite_llm.receipt(response)
    assert response._hidden_params["response_cost"] is None
    assert receipt.cost_usd is None
    assert receipt.unpriced_models == ["sim/acme/frontier-1"]
    assert receipt.cost_status == ("partial" if strategy == "judge" else "unknown")


@EACH
def test_a_budget_that_ends_before_the_judge_loses_no_answer(monkeypatch, spans, strategy):
    """Two calls are both candidates': what is reserved for a final call is theirs, since there is none."""
    heard = script(monkeypatch, by_index("a", "b", judge=wants("b")))
    response = ask(strategy, **TWO[strategy], max_calls=2)
    assert text(response) == "a"
    assert len(heard) == 2
    receipt = composite_llm.receipt(response)
    assert receipt.degraded
    assert receipt.budget.refused >= 1


@EACH
def test_a_budget_of_as_many_calls_as_are_planned_is_enough(monkeypatch, spans, strategy):
    """Two candidates, and a verdict, or a mark for each: nothing is kept for a final call that there is not."""
    heard = script(monkeypatch, by_index("a", "b", judge=wants("b")))
    response = ask(strategy, **TWO[strategy], max_calls=4 if strategy == "best_of_n" else 3)
    assert text(response) == "b"
    assert len(heard) == (4 if strategy == "best_of_n" else 3)
    assert composite_llm.receipt(response).degraded == []


@EACH
def test_when_no_candidate_answers_nobody_is_asked_to_judge(monkeypatch, spans, strategy):
    heard = script(monkeypatch, by_index({"fault": "401"}, {"fault": "401"}))
    with pytest.raises(litellm.AuthenticationError, match="all 2 calls failed"):
        ask(strategy, **TWO[strategy])
    assert len(heard) == 2


@EACH
def test_when_no_candidate_answers_the_model_may_be_asked_alone(monkeypatch, spans, strategy):
    heard = script(monkeypatch, lambda request: {"fault": "401"} if len(heard) <= 2 else "Alone.")
    assert text(ask(strategy, **TWO[strategy], on_all_failed="direct")) == "Alone."


@EACH
def test_the_answer_may_be_asked_for_in_a_language(monkeypatch, spans, strategy):
    heard = script(monkeypatch, by_index("a", "b", judge=wants("b")))
    ask(strategy, **TWO[strategy], language="German")
    for request in both(heard)[0]:
        assert request.messages[0].content == "Write your answer in German."


@EACH
@pytest.mark.parametrize(
    ("model", "taken"), [("sim/openai/gpt-5", False), (MINI, True)], ids=["gpt-5", "gpt-4o-mini"]
)
def test_a_model_that_takes_no_temperature_of_ours_is_sent_none_but_all_the_client_asks(
    monkeypatch, spans, strategy, model, taken
):
    own = {"self_consistency": "sample", "best_of_n": "sample", "judge": "candidate", "debate": "agent"}
    given = TWO[strategy] | {f"{own[strategy]}_temperature": 0.4}
    if strategy == "judge":
        given |= {"candidates": [model, model]}
    heard = script(monkeypatch, by_index("a", "b", judge=wants("b")))
    ask(strategy, model=model, **given, tools=[WEATHER])
    for request in both(heard)[0]:
        assert request.body.get("temperature") == (0.4 if taken else None)
        assert request.body["tools"] == [WEATHER]
