"""The final call's words on their way to the client."""

import json
from contextlib import aclosing

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from tests.outline import outline
from tests.streams import GPT, MINI, QUESTION, Streamed, by_role, finished, told, until

MOA = "composite/moa/" + GPT
LONG = "Blue light is scattered more than red light, " * 20


async def test_words_reach_the_client_while_the_model_still_writes(talking, spans):
    stream = await litellm.acompletion(MOA, QUESTION, stream=True, proposers=[MINI], **told(content=LONG))
    async with aclosing(stream):
        text = Streamed([await anext(stream) for _ in range(3)]).text
        assert talking.in_flight == 1
        assert not finished(spans, c.REQUEST)
    await until(lambda: not talking.in_flight)

    assert text
    assert LONG.startswith(text)
    assert [record.body.get("stream") for record in talking.requests] == [None, True]


async def test_a_stream_has_the_spans_of_an_answer_in_one_piece(simulator, spans, read):
    streamed = await read(MOA, proposers=[f"{MINI} × 2"], **told(content="Scattering."))

    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/moa
  stage moa.layer1
    chat gpt-4o-mini (proposer)
    chat gpt-4o-mini (proposer)
  stage moa.aggregate
    chat gpt-4o (aggregator)"""
    )
    [request], [call] = finished(spans, c.REQUEST), by_role(spans, "aggregator")
    assert streamed.text == "Scattering."
    for span in (request, call):
        assert span.attributes[c.OUTPUT_VALUE] == "Scattering."
    assert request.attributes[c.STREAM] is True
    assert request.attributes[c.STREAM_KIND] == "live"
    assert call.attributes[c.RESPONSE_FINISH_REASONS] == ("stop",)
    assert call.attributes[c.RESPONSE_MODEL] == "gpt-4o"


async def test_the_first_chunk_says_who_speaks_and_the_last_why_it_ends(simulator, read):
    streamed = await read("composite/direct/" + GPT, max_tokens=2, **told(content="Scattering of light."))

    first, *others = streamed.deltas()
    assert first.role == "assistant"
    assert [delta.role for delta in others if delta.role] == []
    assert streamed.finish_reasons == ["length"]
    assert len({chunk.id for chunk in streamed.chunks}) == 1
    assert {chunk.model for chunk in streamed.chunks} == {"direct/" + GPT}


async def test_parallel_tool_calls_arrive_whole(simulator, read):
    tools = [
        {
            "type": "function",
            "function": {
                "name": name,
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string"}},
                    "required": ["city"],
                },
            },
        }
        for name in ("weather", "time")
    ]
    asked = [{"role": "user", "content": "Use weather and time for Paris."}]
    streamed = await read(MOA, asked, proposers=[MINI], tools=tools)

    built = litellm.stream_chunk_builder(streamed.chunks)
    calls = built.choices[0].message.tool_calls
    assert [call.function.name for call in calls] == ["weather", "time"]
    assert all(set(json.loads(call.function.arguments)) == {"city"} for call in calls)
    assert len({call.id for call in calls}) == 2
    assert streamed.finish_reasons == ["tool_calls"]
    pieces = [delta for delta in streamed.deltas() if delta.tool_calls]
    assert len(pieces) > 4, "the arguments came piece by piece"


async def test_reasoning_comes_before_the_words(simulator, spans, read):
    streamed = await read(
        "composite/direct/" + GPT, **told(reasoning="Short waves scatter.", content="Blue.")
    )

    assert (streamed.reasoning, streamed.text) == ("Short waves scatter.", "Blue.")
    [call] = by_role(spans, "direct")
    [message] = json.loads(call.attributes[c.OUTPUT_MESSAGES])
    assert [part["type"] for part in message["parts"]] == ["reasoning", "text"]


async def test_several_answers_are_kept_apart(simulator, spans, read):
    streamed = await read("composite/direct/" + GPT, n=2, seed=1)

    first, second = streamed.joined("content", 0), streamed.joined("content", 1)
    assert first
    assert first != second
    [call] = by_role(spans, "direct")
    recorded = json.loads(call.attributes[c.OUTPUT_MESSAGES])
    assert [message["parts"][0]["content"] for message in recorded] == [first, second]


async def test_a_server_that_answers_in_one_piece_is_taken_as_it_is(simulator, spans, read):
    """Asked for a stream it sends one JSON object, as some servers do; it is asked once and paid once."""
    before = len(simulator.requests)
    streamed = await read(
        "composite/direct/" + GPT,
        **told(fault="unstreamed", content=LONG, usage={"prompt_tokens": 100, "completion_tokens": 20}),
    )

    assert streamed.text == LONG
    assert len(simulator.requests) == before + 1
    assert streamed.usage.prompt_tokens == 100
    [request] = finished(spans, c.REQUEST)
    assert request.attributes[c.STREAM_KIND] == "replayed"
    # gpt-4o: 100 × $2.50/M + 20 × $10/M
    assert request.attributes[c.ROLLUP_COST_USD] == pytest.approx(0.00025 + 0.0002, abs=1e-12)


async def test_what_no_call_streamed_is_replayed_and_marked(simulator, spans, read, monkeypatch):
    """One proposer survives, and its answer is given out as it is: there is no final call."""
    from composite_llm.simulator import Simulator

    with Simulator(speed=0, faults={"claude-sonnet-4-5": "401"}) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        streamed = await read(
            MOA, proposers=[MINI, "sim/anthropic/claude-sonnet-4-5"], composite={"single_survivor": "return"}
        )

    [proposer] = [span for span in by_role(spans, "proposer") if span.attributes[c.CALL_OUTCOME] == "ok"]
    assert streamed.text == proposer.attributes[c.OUTPUT_VALUE]
    assert len([delta for delta in streamed.deltas() if delta.content]) > 1
    [request] = finished(spans, c.REQUEST)
    assert request.attributes[c.STREAM_KIND] == "replayed"
    assert streamed.usage.completion_tokens == proposer.attributes[c.OUTPUT_TOKENS]
    assert composite_llm.receipt(streamed.chunks[-1]).cost_status == "known"


async def test_the_request_belongs_to_whoever_asked_not_to_whoever_reads(simulator, spans):
    from opentelemetry.sdk.trace import TracerProvider

    tracer = TracerProvider().get_tracer("caller")
    with tracer.start_as_current_span("asks") as asking:
        stream = await litellm.acompletion("composite/direct/" + GPT, QUESTION, stream=True)
        sync = litellm.completion("composite/direct/" + GPT, QUESTION, stream=True)
    with tracer.start_as_current_span("reads"):
        async with aclosing(stream):
            assert [chunk async for chunk in stream]
        assert list(sync)

    await until(lambda: len(finished(spans, c.REQUEST)) == 2)
    parents = {span.parent.span_id for span in finished(spans, c.REQUEST)}
    assert parents == {asking.get_span_context().span_id}


async def test_a_callback_on_the_engines_own_loop_may_stream_synchronously(simulator, spans):
    from composite_llm.engine.loop_thread import run_sync

    async def callback():
        return "".join(
            chunk.choices[0].delta.content or ""
            for chunk in litellm.completion(
                "composite/direct/" + GPT, QUESTION, stream=True, **told(content="Scattering.")
            )
        )

    assert run_sync(callback) == "Scattering."


async def test_of_tools_that_run_here_a_stream_shows_nothing(simulator, read):
    tool = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}
    streamed = await read(
        "composite/direct/" + GPT,
        [{"role": "user", "content": "What weather is it?"}],
        tools=[{"type": "function", "function": tool}],
        tool_executor=lambda name, arguments: "Rain.",
    )

    assert "The tool answered: Rain." in streamed.text
    assert not [delta for delta in streamed.deltas() if delta.tool_calls]
    assert streamed.finish_reasons == ["stop"]
