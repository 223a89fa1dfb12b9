"""Who meets the client's tools, over real HTTP."""

import json

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.simulator import Simulator
from tests.composite_llm.tools.asking import (
    CLOCK,
    COUNCIL,
    DIRECT,
    GPT,
    MINI,
    MOA,
    QUESTION,
    SONNET,
    WEATHER,
    after,
    as_sent,
    bodies,
    calls_of,
    names_of,
    turn,
)
from tests.outline import outline


def spans_of(spans, span_type):
    return [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == span_type]


async def test_only_the_final_model_gets_the_clients_tools(ask, server):
    response = await ask(MOA, QUESTION, proposers=[MINI, SONNET], tools=[WEATHER], tool_choice="auto")

    assert names_of(response) == ["get_weather"]
    assert response.choices[0].finish_reason == "tool_calls"
    [final] = bodies(server, "gpt-4o")
    assert final["tools"] == [WEATHER]
    for member in [*bodies(server, "gpt-4o-mini"), *bodies(server, "claude-sonnet-4-5")]:
        assert not {"tools", "tool_choice"} & member.keys()
        assert (
            "It can use these tools, which you do not have: get_weather." in member["messages"][0]["content"]
        )
        assert member["messages"][1:] == QUESTION


async def test_members_read_of_tools_as_text_and_the_final_model_as_they_were(ask, server):
    messages = [{"role": "system", "content": "Be brief."}, *QUESTION, *turn(1, "4 degrees")]

    await ask(MOA, messages, proposers=[MINI], tools=[WEATHER], fanout="per_iteration")

    [member], [final] = bodies(server, "gpt-4o-mini"), bodies(server, "gpt-4o")
    assert [message["role"] for message in member["messages"]] == ["system", "user", "assistant", "user"]
    assert member["messages"][2]["content"] == '[called get_weather with {"city": "Oslo"}]'
    assert member["messages"][3]["content"] == "[get_weather returned:\n4 degrees]"
    assert "tool_calls" not in json.dumps(member["messages"])
    assert [message["role"] for message in final["messages"]] == [
        "system",
        "user",
        "assistant",
        "tool",
        "user",
    ]
    assert final["messages"][:4] == as_sent(messages)


async def test_a_council_tells_all_its_members(ask, server):
    messages = [*QUESTION, *turn(1, "4 degrees")]

    await ask(COUNCIL, messages, council_models=[MINI, MINI], tools=[WEATHER], fanout="per_iteration")

    for member in bodies(server, "gpt-4o-mini"):
        assert "tools" not in member
        assert all(message["role"] != "tool" for message in member["messages"])
        assert member["messages"][-1]["role"] == "user"
    assert bodies(server, "gpt-4o")[0]["tools"] == [WEATHER]


async def test_long_results_are_previews_for_members(ask, server):
    messages = [*QUESTION, *turn(1, "start " + "x " * 10_000 + "end")]

    await ask(MOA, messages, proposers=[MINI], tools=[WEATHER], fanout="per_iteration", tool_result_chars=400)

    [member], [final] = bodies(server, "gpt-4o-mini"), bodies(server, "gpt-4o")
    assert len(member["messages"][-1]["content"]) < 500
    assert member["messages"][-1]["content"].endswith("x end]")
    assert final["messages"][2] == messages[2]


async def test_with_passthrough_tools_are_for_the_final_model_alone(ask, server, spans):
    chosen = {"proposers": [MINI], "aggregator": SONNET, "tool_policy": "passthrough_on_tools"}
    response = await ask(MOA, QUESTION, tools=[WEATHER], **chosen)

    assert names_of(response) == ["get_weather"]
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/moa
  stage moa.direct
    chat claude-sonnet-4-5 (direct)"""
    )
    assert server.requests[-1].body["messages"] == QUESTION

    await ask(MOA, after(QUESTION, response), **chosen)  # the client's last word is a tool's, without tools

    assert len(server.requests) == 2
    await ask(MOA, QUESTION, **chosen)
    assert len(server.requests) == 4


async def test_reject_refuses_tools_before_anything_is_paid_for(ask, server):
    for messages, tools in ((QUESTION, [WEATHER]), ([*QUESTION, *turn(1, "4")], None)):
        given = {"tools": tools} if tools else {}
        with pytest.raises(litellm.BadRequestError, match="takes no tools \\(tool_policy=reject\\)"):
            await ask(MOA, messages, proposers=[MINI], tool_policy="reject", **given)

    assert server.requests == []
    assert (await ask(MOA, QUESTION, proposers=[MINI], tool_policy="reject")).choices[0].message.content


async def test_what_most_members_would_call_is_called(ask, server, spans):
    response = await ask(MOA, QUESTION, proposers=[MINI, SONNET], tools=[WEATHER], tool_policy="vote")

    assert names_of(response) == ["get_weather"]
    assert bodies(server, "gpt-4o") == []  # the final model had nothing to decide
    assert [body["tools"] for body in bodies(server, "gpt-4o-mini")] == [[WEATHER]]
    [stage] = spans_of(spans, c.STAGE)
    assert stage.attributes[c.VOTE_OUTCOME] == "tools"
    [ballot] = json.loads(stage.attributes[c.VOTE_BALLOTS])
    assert (ballot["tools"], ballot["members"]) == (["get_weather"], [0, 1])
    assert stage.status.is_unset


async def test_words_win_and_the_final_model_only_writes(ask, server, spans):
    messages = [{"role": "user", "content": "Is it cold?"}]
    response = await ask(MOA, messages, proposers=[MINI, SONNET], tools=[WEATHER], tool_policy="vote")

    assert response.choices[0].message.content
    [final] = bodies(server, "gpt-4o")
    assert (final["tools"], final["tool_choice"]) == ([WEATHER], "none")
    assert spans_of(spans, c.STAGE)[0].attributes[c.VOTE_OUTCOME] == "words"


async def test_in_a_tie_the_final_model_decides_on_what_all_would_do(ask, server, spans):
    """An argument that models draw for themselves makes each want another call."""
    drawn = {"type": "function", "function": {"name": "get_weather", "parameters": {
        "type": "object", "properties": {"days": {"type": "integer", "minimum": 0, "maximum": 10**9}},
        "required": ["days"],
    }}}  # fmt: skip
    response = await ask(MOA, QUESTION, proposers=[MINI, SONNET], tools=[drawn], tool_policy="vote")

    [final] = bodies(server, "gpt-4o")
    assert final["messages"][0]["content"].count("[would call get_weather with ") == 2
    assert names_of(response) == ["get_weather"]
    assert spans_of(spans, c.STAGE)[0].attributes[c.VOTE_OUTCOME] == "tie"
    assert "days" not in spans_of(spans, c.STAGE)[0].attributes[c.VOTE_BALLOTS]


async def test_a_vote_is_held_again_on_each_step(ask, server):
    chosen = {"proposers": [MINI, SONNET], "tools": [WEATHER], "tool_policy": "vote"}
    first = await ask(MOA, QUESTION, **chosen)
    second = await ask(MOA, after(QUESTION, first), **chosen)

    assert second.choices[0].message.content  # all had enough
    later = bodies(server, "gpt-4o-mini")[1]
    assert [message["role"] for message in later["messages"]] == ["user", "assistant", "tool"]


async def test_members_have_tools_that_run_here_and_the_client_never_hears_of_them(
    ask, server, spans, search
):
    question = [{"role": "user", "content": "search_handbook, then get_weather: is it cold?"}]
    response = await ask(
        MOA, question, proposers=[MINI], tools=[WEATHER, CLOCK], tool_policy="members_internal",
        internal_tools=["search_handbook"],
    )  # fmt: skip

    asked, told = bodies(server, "gpt-4o-mini")
    assert [tool["function"]["name"] for tool in asked["tools"]] == ["search_handbook"]
    assert told["messages"][-1]["role"] == "tool"
    assert told["messages"][-1]["content"].startswith("found ")
    [final] = bodies(server, "gpt-4o")
    assert final["tools"] == [WEATHER, CLOCK]
    assert "search_handbook" not in str(calls_of(response))
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/moa
  stage moa.layer1
    chat gpt-4o-mini (proposer)
    execute_tool search_handbook
    chat gpt-4o-mini (proposer)
  stage moa.aggregate
    chat gpt-4o (aggregator)"""
    )


async def test_a_member_with_tools_that_is_too_slow_is_left_behind(ask, monkeypatch, spans, search):
    composite_llm.register()
    with Simulator(speed=0, delays={"gpt-4o-mini": 60}) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        response = await ask(
            MOA, QUESTION, proposers=[MINI, SONNET], tools=[WEATHER], tool_policy="members_internal",
            min_responses=1, grace_s=0, composite={"cache": "panel"},
        )  # fmt: skip

    assert names_of(response) == ["get_weather"]
    [stage, _] = sorted(spans_of(spans, c.STAGE), key=lambda span: span.attributes[c.STAGE_INDEX])
    assert (stage.attributes[c.STAGE_SUCCEEDED], stage.attributes[c.STAGE_FAILED]) == (1, 0)
    [request] = spans_of(spans, c.REQUEST)
    assert request.attributes[c.TOOL_POLICY] == "members_internal"


async def test_a_plain_call_passes_tools_through_as_they_are(ask, server):
    messages = [*QUESTION, *turn(1, "4 degrees"), *turn(2, "5 degrees")]

    await ask(DIRECT, messages, tools=[WEATHER], parallel_tool_calls=False)

    [body] = bodies(server, "gpt-4o")
    assert body["messages"] == as_sent(messages)
    assert (body["tools"], body["parallel_tool_calls"]) == ([WEATHER], False)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            {"tool_executor": {"get_time": print}},
            "tool_executor has no function for get_weather; it has get_time",
        ),
        ({"tool_executor": print, "n": 2}, "n>1 cannot be had with tool_executor"),
        ({"tool_policy": "votes"}, "tool_policy: input should be 'final_only', 'passthrough_on_tools'"),
        ({"fanout": "every_n:0"}, "'every_n:0' is none of user_turn, per_iteration, off, every_n:<number>"),
        ({"internal_tools": ["find"]}, "no tool 'find' is registered here"),
        ({"max_tool_calls": 0}, "max_tool_calls: input should be greater than or equal to 1"),
    ],
)
async def test_what_cannot_be_done_is_said_before_anything_is_paid_for(server, parameters, sentence):
    with pytest.raises(litellm.BadRequestError) as error:
        await litellm.acompletion(MOA, QUESTION, proposers=[GPT], tools=[WEATHER], **parameters)

    assert sentence in str(error.value)
    assert server.requests == []
