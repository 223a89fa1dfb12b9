"""A model that thinks and calls a client's tool in one turn: the client sees its own calls only."""

import json

import pytest

from composite_llm import conventions as c
from composite_llm.caching.memory import Memory
from composite_llm.engine.run import Call
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.registry import STRATEGIES, strategy
from composite_llm.tools import hidden_turns
from tests.composite_llm.tools.asking import GPT, WEATHER, after, as_sent, bodies, calls_of, names_of, tool
from tests.outline import outline

THINKER = f"composite/thinker/{GPT}"
MIXED = [{"role": "user", "content": "think, and get_weather: is it cold in Oslo?"}]


@pytest.fixture(autouse=True)
def thinker():
    """A strategy whose model has the server's `think` beside the client's tools."""

    class Parameters(StrategyParameters):
        def models(self, base_model):
            return [base_model]

    @strategy("thinker", Parameters)
    async def run(run, parameters):
        async with run.stage("direct", "thinker") as stage:
            return await stage.final(Call(run.model, run.messages, "direct", internal_tools=["think"]))

    yield
    del STRATEGIES["thinker"]


def unanswered(messages):
    called = [call["id"] for message in messages for call in message.get("tool_calls") or ()]
    answered = [message["tool_call_id"] for message in messages if message["role"] == "tool"]
    return set(called) ^ set(answered)


async def test_thoughts_are_answered_here_and_not_given_out(ask, server, spans):
    response = await ask(THINKER, [{"role": "user", "content": "First think: is it cold?"}], tools=[WEATHER])

    assert calls_of(response) == []
    asked, told = bodies(server, "gpt-4o")
    assert [tool["function"]["name"] for tool in asked["tools"]] == ["get_weather", "think"]
    assert told["messages"][-1] == {
        "role": "tool",
        "tool_call_id": told["messages"][-2]["tool_calls"][0]["id"],
        "content": "",
    }
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/thinker
  stage thinker
    chat gpt-4o (direct)
    execute_tool think
    chat gpt-4o (direct)"""
    )
    [thought] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.THINK_STEP]
    written = thought.attributes[c.INPUT_VALUE]
    assert json.loads(thought.attributes[c.TOOL_ARGUMENTS]) == {"thought": written}
    assert thought.attributes[c.THINK_CHARS] == len(written) > 0
    assert thought.attributes[c.THINK_AFTER_TOOL] is False
    assert (thought.attributes[c.THINK_INDEX], thought.attributes[c.OUTPUT_VALUE]) == (0, "ok")


async def test_a_mixed_turn_is_given_out_without_its_thoughts_and_put_back_whole(ask, server):
    response = await ask(THINKER, MIXED, tools=[WEATHER])

    assert names_of(response) == ["get_weather"]
    assert "think" not in str(response.choices[0].message.model_dump())
    messages = after(MIXED, response)

    await ask(THINKER, messages, tools=[WEATHER])

    [asked, told] = [body["messages"] for body in bodies(server, "gpt-4o")]
    assert asked == MIXED
    assert [message["role"] for message in told] == ["user", "assistant", "tool", "tool"]
    assert sorted(call["function"]["name"] for call in told[1]["tool_calls"]) == ["get_weather", "think"]
    assert unanswered(told) == set()


async def test_what_is_forgotten_is_left_out_whole(ask, server, monkeypatch):
    monkeypatch.setattr(hidden_turns, "_memory", Memory(0))
    response = await ask(THINKER, MIXED, tools=[WEATHER])

    await ask(THINKER, after(MIXED, response), tools=[WEATHER])

    told = bodies(server, "gpt-4o")[-1]["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "tool"]
    assert unanswered(told) == set()
    assert "think" not in str(told[1:])


async def test_a_turn_the_client_has_changed_is_left_as_it_tells_it(ask, server):
    response = await ask(THINKER, MIXED, tools=[WEATHER])
    changed = after(MIXED, response)
    changed[1] = {**changed[1], "content": "I looked it up."}

    await ask(THINKER, changed, tools=[WEATHER])

    assert bodies(server, "gpt-4o")[-1]["messages"][1]["content"] == "I looked it up."
    assert unanswered(bodies(server, "gpt-4o")[-1]["messages"]) == set()


async def test_another_users_thoughts_are_not_put_back(ask, server):
    response = await ask(THINKER, MIXED, tools=[WEATHER], metadata={"user_id": "u-1"})

    await ask(THINKER, after(MIXED, response), tools=[WEATHER], metadata={"user_id": "u-2"})

    assert "think" not in str(bodies(server, "gpt-4o")[-1]["messages"][1:])


async def test_a_client_with_a_tool_called_think_keeps_it(ask, server):
    response = await ask(THINKER, MIXED, tools=[tool("think", thought={"type": "string"})])

    assert names_of(response) == ["think"]
    [body] = bodies(server, "gpt-4o")
    assert [tool["function"]["name"] for tool in body["tools"]] == ["think", "think_internal"]


async def test_with_an_executor_all_of_a_mixed_turn_runs_here(ask, server):
    response = await ask(THINKER, MIXED, tools=[WEATHER], tool_executor=lambda name, arguments: "4 degrees")

    assert calls_of(response) == []
    told = bodies(server, "gpt-4o")[-1]["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "tool", "tool"]
    assert unanswered(told) == set()


async def test_thoughts_that_are_used_up_leave_the_clients_tools(ask, server):
    """`max_tool_calls` limits thoughts as well; what the client's tools are for goes on."""
    turns = [{"role": "user", "content": "First think: is it cold?"}]
    await ask(THINKER, turns, tools=[WEATHER], max_tool_calls=1)

    _, last = bodies(server, "gpt-4o")
    assert last["tools"] == [WEATHER]
    assert last["messages"][:1] == as_sent(turns)
