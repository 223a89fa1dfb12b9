"""Streams that do not come to their end: errors, deadlines, clients that leave. Everything is booked."""

import asyncio
import threading
from contextlib import aclosing, suppress
from typing import ClassVar

import litellm
import pytest
from litellm.integrations.custom_logger import CustomLogger
from openai import OpenAIError

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine.calls import Call
from composite_llm.engine.resilience import ResilientCall
from composite_llm.request.route import route
from composite_llm.simulator import Simulator
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.registry import STRATEGIES, strategy
from tests.held_answers import meet
from tests.outline import outline
from tests.streams import GPT, MINI, QUESTION, Streamed, by_role, finished, told, until

DIRECT, MOA = "composite/direct/" + GPT, "composite/moa/" + GPT
LONG = "Blue light is scattered more than red light, " * 20


async def test_before_the_first_word_a_call_is_tried_again(simulator, spans, read, request):
    streamed = await read(DIRECT, **told(fault="503", times=1, content=request.node.name))

    assert streamed.text == request.node.name
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/direct
  stage direct
    chat gpt-4o (direct) error
    chat gpt-4o (direct)"""
    )


async def test_a_refusal_is_raised_as_what_it_is(simulator, spans, read):
    with pytest.raises(litellm.AuthenticationError, match="direct sim/openai/gpt-4o: AuthenticationError"):
        await read(DIRECT, **told(fault="401"))

    [request] = finished(spans, c.REQUEST)
    assert request.attributes[c.STOP_REASON] == "error"
    assert c.STREAM_KIND not in request.attributes


async def test_a_request_that_cannot_be_run_says_why(simulator, read):
    with pytest.raises(litellm.BadRequestError, match="proposers is required"):
        await read(MOA)


@pytest.mark.parametrize("fault", ["truncated", "malformed", "unfinished"])
async def test_after_the_first_word_nothing_is_tried_again(simulator, spans, fault):
    """The client has half of an answer, which no second one may follow. What was said is recorded; it may be
    billed, and nobody told how much, so the cost is unknown and not nothing."""
    before = len(simulator.requests)
    stream = await litellm.acompletion(DIRECT, QUESTION, stream=True, **told(content=LONG, fault=fault))
    said = ""

    async def listen():
        nonlocal said
        async for chunk in stream:
            said += chunk.choices[0].delta.content or ""

    with pytest.raises(OpenAIError, match="direct sim/openai/gpt-4o"):
        await listen()

    assert said
    assert LONG.startswith(said)
    [call], [request] = by_role(spans, "direct"), finished(spans, c.REQUEST)
    assert len(simulator.requests) == before + 1
    assert call.attributes[c.OUTPUT_VALUE] == said
    assert call.attributes[c.CALL_OUTCOME] == "error"
    assert call.attributes[c.USAGE_SOURCE] == "missing"
    assert call.attributes[c.COST_SOURCE] == "unknown"
    assert request.attributes[c.ROLLUP_COST_STATUS] == "unknown"
    assert request.attributes[c.STREAM_KIND] == "live"


async def test_a_callback_hears_what_a_broken_stream_has_used(simulator, monkeypatch):
    """The members' part is known: LiteLLM's books, which have no unknown, get it as the least it was."""

    class HearsBreaks(CustomLogger):
        failures: ClassVar = []

        async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
            self.failures.append(kwargs["standard_logging_object"])

    monkeypatch.setattr(litellm, "callbacks", [HearsBreaks()])
    stream = await litellm.acompletion(
        MOA, QUESTION, stream=True, proposers=[MINI], **told(content=LONG, fault="truncated")
    )
    with pytest.raises(OpenAIError):
        [chunk async for chunk in stream]
    await until(lambda: HearsBreaks.failures)

    proposer = simulator.requests[-2].usage
    [failure] = HearsBreaks.failures
    assert (failure["prompt_tokens"], failure["completion_tokens"]) == (
        proposer.prompt_tokens,
        proposer.completion_tokens,
    )
    # gpt-4o-mini: $0.15 and $0.60 a million
    paid = proposer.prompt_tokens * 0.15e-6 + proposer.completion_tokens * 0.6e-6
    assert failure["response_cost"] == pytest.approx(paid, abs=1e-12)


async def test_the_deadline_holds_while_the_answer_is_written(talking, spans, read, clock):
    heard = []
    with (
        clock.passing(400, once=lambda: Streamed(heard).text),
        pytest.raises(litellm.Timeout, match="did not finish within its timeout of 400 s"),
    ):
        await read(DIRECT, heard=heard, timeout=400, **told(content=LONG))

    [call], [request] = by_role(spans, "direct"), finished(spans, c.REQUEST)
    assert call.attributes[c.CALL_OUTCOME] == "timeout"
    assert LONG.startswith(call.attributes[c.OUTPUT_VALUE])
    assert LONG.startswith(Streamed(heard).text)
    assert request.attributes[c.STOP_REASON] == "timeout"
    await until(lambda: not talking.in_flight)


async def test_a_client_that_leaves_amid_the_words_ends_the_call(talking, spans):
    stream = await litellm.acompletion(DIRECT, QUESTION, stream=True, **told(content=LONG))
    async with aclosing(stream):
        first = await anext(stream)
    await until(lambda: not talking.in_flight)

    [call], [request] = by_role(spans, "direct"), finished(spans, c.REQUEST)
    assert call.attributes[c.CALL_OUTCOME] == "cancelled"
    assert call.attributes[c.OUTPUT_VALUE].startswith(first.choices[0].delta.content)
    assert (call.attributes[c.COST_SOURCE], request.attributes[c.ROLLUP_COST_STATUS]) == (
        "unknown",
        "unknown",
    )
    assert request.attributes[c.STOP_REASON] == "cancelled"


async def test_a_reader_that_is_cancelled_ends_the_call(simulator, spans):
    stream = await litellm.acompletion(DIRECT, QUESTION, stream=True, **told(content=LONG, delay_s=600))

    async def read():
        async with aclosing(stream):
            async for _ in stream:
                pass

    reader = asyncio.create_task(read())
    await until(lambda: simulator.in_flight)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    await until(lambda: not simulator.in_flight)

    assert finished(spans, c.REQUEST)[0].attributes[c.STOP_REASON] == "cancelled"


async def test_a_client_that_leaves_before_the_first_word_ends_the_members(monkeypatch, spans):
    composite_llm.register()
    with Simulator(speed=0, faults={"gpt-4o-mini": "timeout"}) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        stream = await litellm.acompletion(
            MOA, QUESTION, stream=True, proposers=[f"{MINI} × 3"], keepalive_s=0.05
        )
        async with aclosing(stream):
            alive = await anext(stream)
            await until(lambda: server.in_flight == 3)
        await until(lambda: not server.in_flight)

    assert not alive.choices[0].delta.content
    assert {span.attributes[c.CALL_OUTCOME] for span in by_role(spans, "proposer")} == {"cancelled"}
    assert not by_role(spans, "aggregator")
    assert finished(spans, c.REQUEST)[0].attributes[c.STOP_REASON] == "cancelled"


def test_a_sync_stream_that_is_dropped_ends_the_call(talking, spans):
    stream = litellm.completion(DIRECT, QUESTION, stream=True, **told(content=LONG))
    assert next(stream).choices[0].delta.content
    del stream

    asyncio.run(until(lambda: not talking.in_flight))
    asyncio.run(until(lambda: finished(spans, c.REQUEST)))
    assert by_role(spans, "direct")[0].attributes[c.CALL_OUTCOME] == "cancelled"


async def test_nothing_is_left_running_after_streams_of_every_ending(simulator, spans):
    async def one(**directive):
        stream = await litellm.acompletion(DIRECT, QUESTION, stream=True, **told(**directive))
        async with aclosing(stream):
            await anext(stream)
            if directive.get("delay_s"):
                return
            with suppress(OpenAIError):
                [chunk async for chunk in stream]

    await one(content="warm up")
    tasks = len(asyncio.all_tasks())
    endings = [{"content": LONG}, {"content": LONG, "fault": "truncated"}, {"content": LONG, "delay_s": 3}]
    await asyncio.gather(*(one(**ending) for ending in endings * 5))
    await until(lambda: not simulator.in_flight)

    assert len(finished(spans, c.REQUEST)) == 16
    await until(lambda: len(asyncio.all_tasks()) <= tasks)
    assert [thread.name for thread in threading.enumerate()].count("composite_llm") <= 1


async def test_of_two_attempts_side_by_side_the_client_gets_the_one_that_speaks_first(
    monkeypatch, spans, clock
):
    """The first attempt is stuck, so a second one is sent beside it; the client never gets words of both."""
    composite_llm.register()
    with Simulator(speed=0) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        stream = await litellm.acompletion(
            DIRECT, QUESTION, stream=True, hedge_after_s=100, **told(fault="timeout", times=1, content=LONG)
        )
        async with aclosing(stream):
            with clock.passing(101, once=lambda: server.in_flight == 1):
                first = await anext(stream)
            chunks = [first, *[chunk async for chunk in stream]]
        await until(lambda: not server.in_flight)

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == LONG
    outcomes = sorted(span.attributes[c.CALL_OUTCOME] for span in by_role(spans, "direct"))
    assert outcomes == ["hedge_lost", "ok"]
    assert finished(spans, c.REQUEST)[0].attributes[c.STREAM_KIND] == "live"


async def test_a_second_attempt_is_not_sent_once_the_first_one_speaks(simulator, spans, read):
    """It is made, and before it runs the first words come: that neither breaks the request nor is it a call."""

    class Parameters(StrategyParameters):
        def models(self, base_model):
            return [base_model]

    outcomes = []

    @strategy("hedger", Parameters)
    async def run(run, parameters):
        async with run.stage("direct", "hedger") as stage:
            call = Call(run.model, run.messages, "direct")
            asking = ResilientCall(stage, call, final=True, sink=run.sink)
            second = await asking._prepared(route(run.model), call, hedge=True)
            reply = await asking.run()
            outcomes.append(await second.run())
            second.drop_unless_sent()
            assert run.budget.calls == 1
            return reply

    before = len(simulator.requests)
    try:
        streamed = await read(f"composite/hedger/{GPT}", max_calls=3)
    finally:
        del STRATEGIES["hedger"]

    assert streamed.text
    assert [failure.outcome for failure in outcomes] == ["hedge_lost"]
    assert len(simulator.requests) == before + 1
    assert [call.outcome for call in composite_llm.receipt(streamed.chunks[-1]).calls] == ["ok"]
    assert composite_llm.receipt(streamed.chunks[-1]).cost_status == "known"
    assert len(by_role(spans, "direct")) == 1


async def test_an_attempt_that_is_overtaken_stops_at_its_first_word(monkeypatch, spans):
    """Both attempts answer at the same moment; what the slower one says is not mixed in, nor its error."""
    composite_llm.register()
    with Simulator(speed=0) as server:
        meet(server, "gpt-4o", "gpt-4o")
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        stream = await litellm.acompletion(
            DIRECT, QUESTION, stream=True, hedge_after_s=0.1, **told(content=LONG)
        )
        async with aclosing(stream):
            text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        await until(lambda: not server.in_flight)

    assert text == LONG
    outcomes = sorted(span.attributes[c.CALL_OUTCOME] for span in by_role(spans, "direct"))
    assert outcomes == ["hedge_lost", "ok"]
