"""Tools in streams: the client's calls as they come, and of what runs here only the words around it."""

import asyncio

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine.run import Call
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.registry import STRATEGIES, strategy
from tests.composite_llm.tools.asking import CLOCK, DIRECT, GPT, MINI, MOA, QUESTION, SONNET, WEATHER, bodies
from tests.streams import Streamed

USAGE = {"stream_options": {"include_usage": True}}


@pytest.fixture(params=["sync", "async"])
def read(request):
    """Await `read(model, messages, …)`: the whole stream, through each of the two doors."""

    def read_sync(*arguments, **parameters):
        return list(composite_llm.completion(*arguments, stream=True, **USAGE, **parameters))

    async def streamed(*arguments, **parameters):
        if request.param == "sync":
            return Streamed(await asyncio.to_thread(read_sync, *arguments, **parameters))
        stream = await composite_llm.acompletion(*arguments, stream=True, **USAGE, **parameters)
        return Streamed([chunk async for chunk in stream])

    return streamed


def called(streamed):
    """Name and arguments of each call, put together from its parts."""
    calls = {}
    for delta in streamed.deltas():
        for part in delta.tool_calls or ():
            name, arguments = calls.get(part.index, ("", ""))
            calls[part.index] = (
                name + (part.function.name or ""),
                arguments + (part.function.arguments or ""),
            )
    return [calls[index] for index in sorted(calls)]


async def test_the_clients_calls_are_streamed(read, server, spans):
    streamed = await read(MOA, QUESTION, proposers=[MINI], tools=[WEATHER])

    assert called(streamed) == [("get_weather", '{"city": "Oslo"}')]
    assert streamed.finish_reasons == ["tool_calls"]
    assert [
        span.attributes[c.PANEL_CACHE]
        for span in spans.get_finished_spans()
        if c.PANEL_CACHE in span.attributes
    ] == ["new"]


async def test_a_streamed_tool_loop_reuses_its_panel(read, server):
    given = {"proposers": [MINI, SONNET], "tools": [WEATHER]}
    first = await read(MOA, QUESTION, **given)
    [call_id] = {part.id for delta in first.deltas() for part in delta.tool_calls or () if part.id}
    function = dict(zip(("name", "arguments"), called(first)[0], strict=True))
    turn = [
        {"role": "assistant", "tool_calls": [{"id": call_id, "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": call_id, "content": "4 degrees"},
    ]

    second = await read(MOA, [*QUESTION, *turn], **given)

    assert "4 degrees" in second.text
    assert len(server.requests) == 3 + 1
    one, other = [body["messages"] for body in bodies(server, "gpt-4o")]
    assert other[: len(one)] == one


async def test_an_executors_answer_is_streamed_as_it_comes(read, server, spans):
    streamed = await read(
        MOA, QUESTION, proposers=[MINI], tools=[WEATHER], tool_executor=lambda name, arguments: "4 degrees"
    )

    assert called(streamed) == []
    assert streamed.text.startswith("The tool answered: 4 degrees")
    assert streamed.finish_reasons == ["stop"]
    asked = [record.usage for record in server.requests]
    assert streamed.usage.prompt_tokens == sum(usage.prompt_tokens for usage in asked)
    assert streamed.usage.completion_tokens == sum(usage.completion_tokens for usage in asked)
    [request] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    assert request.attributes[c.STREAM_KIND] == "live"


async def test_a_turn_that_fails_is_tried_again_while_the_client_waits(read, server):
    streamed = await read(
        DIRECT, QUESTION, tools=[WEATHER], tool_executor=lambda name, arguments: "4 degrees",
        extra_body={"simulator": {"fault": "503", "times": 1}},
    )  # fmt: skip

    assert streamed.text.startswith("The tool answered: 4 degrees")
    assert len(server.requests) == 4  # each turn once refused


async def test_what_wins_a_vote_is_replayed(read, server):
    streamed = await read(MOA, QUESTION, proposers=[MINI, SONNET], tools=[WEATHER], tool_policy="vote")

    assert called(streamed) == [("get_weather", '{"city": "Oslo"}')]
    assert streamed.finish_reasons == ["tool_calls"]


async def test_a_mixed_turn_streams_only_the_clients_calls(read, server):
    class Parameters(StrategyParameters):
        def models(self, base_model):
            return [base_model]

    @strategy("thinker", Parameters)
    async def run(run, parameters):
        async with run.stage("direct", "thinker") as stage:
            return await stage.final(Call(run.model, run.messages, "direct", internal_tools=["think"]))

    try:
        question = [{"role": "user", "content": "think, get_weather, get_time."}]
        streamed = await read(f"composite/thinker/{GPT}", question, tools=[WEATHER, CLOCK])
        alone = await read(
            f"composite/thinker/{GPT}", [{"role": "user", "content": "think"}], tools=[WEATHER]
        )
    finally:
        del STRATEGIES["thinker"]

    assert called(streamed) == [("get_weather", '{"city": "Oslo"}'), ("get_time", '{"zone": "CET"}')]
    assert "think" not in str([delta.model_dump() for delta in streamed.deltas()])
    assert called(alone) == []
    assert alone.text
    assert alone.finish_reasons == ["stop"]


async def test_an_answer_from_the_cache_is_replayed(read, server):
    first = await read(DIRECT, QUESTION, composite={"cache": "response"})
    second = await read(DIRECT, QUESTION, composite={"cache": "response"})

    assert len(server.requests) == 1
    assert second.text == first.text
    assert second.usage.total_tokens == 0


async def test_turns_that_come_in_one_piece_are_replayed(read, server):
    streamed = await read(
        DIRECT, QUESTION, tools=[WEATHER], tool_executor=lambda name, arguments: "4 degrees",
        extra_body={"simulator": {"fault": "unstreamed"}},
    )  # fmt: skip

    assert streamed.text.startswith("The tool answered: 4 degrees")
