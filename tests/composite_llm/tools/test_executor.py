"""`tool_executor`: the client's tools run inside, and the answer is words."""

import asyncio
import json
import threading

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from tests.composite_llm.tools.asking import (
    CLOCK,
    DIRECT,
    MINI,
    MOA,
    QUESTION,
    SONNET,
    WEATHER,
    bodies,
    calls_of,
)
from tests.outline import outline

BOTH = [{"role": "user", "content": "get_weather and get_time, please."}]


def tool_spans(spans):
    return [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.TOOL]


async def test_the_clients_tools_run_inside_and_the_answer_is_words(ask, server, spans):
    response = await ask(
        MOA, QUESTION, proposers=[MINI], tools=[WEATHER],
        tool_executor={"get_weather": lambda city: {"city": city, "degrees": 4}},
    )  # fmt: skip

    assert calls_of(response) == []
    assert '{"city": "Oslo", "degrees": 4}' in response.choices[0].message.content
    assert len(bodies(server, "gpt-4o-mini")) == 1  # the panel is asked once
    first, second = bodies(server, "gpt-4o")
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert [message["role"] for message in second["messages"][-2:]] == ["assistant", "tool"]
    assert second["messages"][-1]["tool_call_id"] == second["messages"][-2]["tool_calls"][0]["id"]
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/moa
  stage moa.layer1
    chat gpt-4o-mini (proposer)
  stage moa.aggregate
    chat gpt-4o (aggregator)
    execute_tool get_weather
    chat gpt-4o (aggregator)"""
    )


async def test_the_bill_holds_every_turn(ask, server):
    response = await ask(DIRECT, QUESTION, tools=[WEATHER], tool_executor=lambda name, arguments: "4 degrees")

    asked, told = [record.usage for record in server.requests]
    assert response.usage.prompt_tokens == asked.prompt_tokens + told.prompt_tokens
    assert response.usage.completion_tokens == asked.completion_tokens + told.completion_tokens
    calls = composite_llm.receipt(response).calls
    assert [call.outcome for call in calls] == ["ok", "ok"]
    # gpt-4o: $2.50 and $10 per million
    spent = response.usage.prompt_tokens * 2.5e-6 + response.usage.completion_tokens * 10e-6
    assert abs(response._hidden_params["response_cost"] - spent) < 1e-12


async def test_tools_of_one_turn_run_side_by_side_and_have_spans_of_their_own(ask, server, spans):
    both = threading.Barrier(2, timeout=60)

    def run(name, arguments):
        both.wait()  # breaks unless both are running
        return f"{name} of {arguments}"

    await ask(DIRECT, BOTH, tools=[WEATHER, CLOCK], tool_executor=run)

    _, told = bodies(server, "gpt-4o")
    assert [message["content"] for message in told["messages"][-2:]] == [
        "get_weather of {'city': 'Oslo'}",
        "get_time of {'zone': 'CET'}",
    ]
    weather, time = sorted(tool_spans(spans), key=lambda span: span.name, reverse=True)
    assert weather.name == "execute_tool get_weather"
    made = told["messages"][-3]["tool_calls"][0]
    assert weather.attributes[c.TOOL_CALL_ID] == made["id"]
    assert (weather.attributes[c.TOOL_NAME], weather.attributes[c.TOOL_TYPE]) == ("get_weather", "function")
    assert json.loads(weather.attributes[c.TOOL_ARGUMENTS]) == {"city": "Oslo"}
    assert weather.attributes[c.INPUT_VALUE] == made["function"]["arguments"]
    assert (
        weather.attributes[c.OUTPUT_VALUE]
        == weather.attributes[c.TOOL_RESULT]
        == told["messages"][-2]["content"]
    )
    assert time.attributes[c.OPENINFERENCE_KIND] == "TOOL"
    assert not any(key.startswith(("gen_ai.usage.", "gen_ai.request.")) for key in weather.attributes)


async def test_what_a_tool_raises_is_its_result(ask, server, spans):
    def broken(city):
        raise OSError(f"no network in {city}, key sk-abcdefghijklmnopqrstuvwxyz123456")

    response = await ask(DIRECT, QUESTION, tools=[WEATHER], tool_executor={"get_weather": broken})

    [_, told] = bodies(server, "gpt-4o")
    assert told["messages"][-1]["content"].startswith("Error: OSError: no network in Oslo, key ")
    assert "sk-abcdef" not in str(told)
    [span] = tool_spans(spans)
    assert not span.status.is_ok
    assert span.attributes[c.ERROR_TYPE] == "builtins.OSError"
    assert "sk-abcdef" not in str(dict(span.attributes))
    assert response.choices[0].message.content


async def test_after_max_tool_calls_the_model_answers_without(ask, server, spans):
    response = await ask(
        DIRECT, BOTH, tools=[WEATHER, CLOCK], max_tool_calls=1,
        tool_executor=lambda name, arguments: f"{name} ran",
    )  # fmt: skip

    _, told = bodies(server, "gpt-4o")
    assert [message["content"][:20] for message in told["messages"][-2:]] == [
        "get_weather ran",
        "Not run: no more too",
    ]
    assert (told["tools"], told["tool_choice"]) == ([WEATHER, CLOCK], "none")
    assert len(tool_spans(spans)) == 1
    assert response.choices[0].message.content


async def test_a_forced_choice_is_for_the_first_turn(ask, server):
    response = await ask(
        DIRECT, QUESTION, tools=[WEATHER], tool_choice="required",
        tool_executor=lambda name, arguments: "4 degrees",
    )  # fmt: skip

    assert [body["tool_choice"] for body in bodies(server, "gpt-4o")] == ["required", "auto"]
    assert response.choices[0].message.content


async def test_members_that_vote_see_what_their_votes_did(ask, server, spans):
    response = await ask(
        MOA, QUESTION, proposers=[MINI, SONNET], tools=[WEATHER], tool_policy="vote",
        tool_executor=lambda name, arguments: "4 degrees",
    )  # fmt: skip

    _, told = bodies(server, "gpt-4o-mini")
    assert [message["role"] for message in told["messages"]] == ["user", "assistant", "tool"]
    [final] = bodies(server, "gpt-4o")
    assert [message["role"] for message in final["messages"]] == ["user", "assistant", "tool", "user"]
    assert final["tool_choice"] == "none"
    assert calls_of(response) == []
    assert len(tool_spans(spans)) == 1


async def test_what_runs_inside_a_tool_is_below_its_span(ask, server, spans):
    async def nested(city):
        answer = await composite_llm.acompletion(DIRECT, [{"role": "user", "content": f"Is {city} cold?"}])
        return answer.choices[0].message.content

    await ask(DIRECT, QUESTION, tools=[WEATHER], tool_executor={"get_weather": nested})

    [tool] = tool_spans(spans)
    below = [
        span
        for span in spans.get_finished_spans()
        if span.parent and span.parent.span_id == tool.context.span_id
    ]
    assert [span.name for span in below] == ["invoke_workflow composite/direct"]


async def test_a_deadline_ends_a_tool_that_never_does(server, spans, clock):
    begun = threading.Event()

    async def hangs(city):
        begun.set()
        await asyncio.Event().wait()

    with clock.passing(400, once=begun.is_set), pytest.raises(litellm.Timeout):
        await composite_llm.acompletion(
            DIRECT, QUESTION, tools=[WEATHER], tool_executor={"get_weather": hangs}, timeout=400
        )

    [span] = tool_spans(spans)
    assert span.attributes[c.ERROR_TYPE] == "timeout"


async def test_content_of_tools_can_be_left_out(server, spans, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "none")
    await composite_llm.acompletion(
        DIRECT, QUESTION, tools=[WEATHER], tool_executor=lambda name, arguments: "four degrees"
    )

    [span] = tool_spans(spans)
    assert not {c.TOOL_ARGUMENTS, c.TOOL_RESULT, c.INPUT_VALUE, c.OUTPUT_VALUE} & span.attributes.keys()


async def test_a_tool_that_would_end_the_program_is_told_of_and_nothing_ends(ask, server):
    def leaves(city):
        raise SystemExit(2)

    response = await ask(DIRECT, QUESTION, tools=[WEATHER], tool_executor={"get_weather": leaves})

    assert "Error: RuntimeError: it ended with SystemExit(2)" in response.choices[0].message.content
