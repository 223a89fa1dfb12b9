"""What a client gets while there is no answer yet, and how its waiting is measured."""

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.simulator import Simulator
from tests.held_answers import hold
from tests.streams import GPT, MINI, SONNET, by_role, finished, told

DIRECT, MOA = "composite/direct/" + GPT, "composite/moa/" + GPT


async def test_a_stream_with_nothing_to_say_is_kept_alive(monkeypatch, read):
    """Until the client has heard of it three times, and then the model answers."""
    heard = []
    composite_llm.register()
    with Simulator(speed=0) as server:
        hold(server, "gpt-4o", until=lambda: len(heard) > 2)
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        streamed = await read(DIRECT, heard=heard, keepalive_s=0.05, **told(content="Scattering."))

    assert [delta.content for delta in streamed.deltas()[:3]] == [""] * 3
    assert streamed.text == "Scattering."
    assert [delta.role for delta in streamed.deltas() if delta.role] == ["assistant"]
    assert streamed.finish_reasons == ["stop"]


async def test_keep_alives_can_be_left_out(simulator, read):
    streamed = await read(DIRECT, keepalive_s=0, **told(content="Blue", delay_s=0.3))

    assert [delta.content for delta in streamed.deltas() if delta.content is not None] == ["Blue"]


async def test_progress_is_told_as_reasoning_when_asked_for(simulator, spans, read):
    streamed = await read(MOA, proposers=[MINI, SONNET], progress="reasoning", **told(content="Scattering."))

    first, *members, last = streamed.reasoning.splitlines()
    assert (first, last) == ("moa.layer1", "moa.aggregate")
    assert sorted(members) == ["moa.layer1: proposer 1 answered", "moa.layer1: proposer 2 answered"]
    assert streamed.text == "Scattering."
    [request] = finished(spans, c.REQUEST)
    assert "proposer 1" not in request.attributes[c.OUTPUT_VALUE]


async def test_progress_is_not_told_otherwise(simulator, read):
    streamed = await read(MOA, proposers=[MINI], **told(content="Scattering."))

    assert streamed.reasoning == ""


async def test_the_time_to_the_first_word_is_split_into_waiting_and_model(simulator, spans, read):
    """The members take their time before the final call begins; the model takes its own after that."""
    await read(MOA, proposers=[MINI], **told(content="Scattering of light.", delay_s=0.4))

    [request], [call] = finished(spans, c.REQUEST), by_role(spans, "aggregator")
    [proposer] = by_role(spans, "proposer")
    whole, waited, model = (
        request.attributes[key]
        for key in (c.TIME_TO_FIRST_CHUNK, c.TIME_TO_FINAL_CALL, c.FINAL_CALL_TO_FIRST_CHUNK)
    )
    assert whole == pytest.approx(waited + model)
    assert waited >= (proposer.end_time - proposer.start_time) / 1e9
    assert (
        call.attributes[c.CALL_TIME_TO_FIRST_CHUNK] <= model <= (request.end_time - proposer.end_time) / 1e9
    )
    assert 0 < call.attributes[c.CALL_TIME_TO_FIRST_CHUNK] < (call.end_time - call.start_time) / 1e9
    assert call.attributes[c.LANGFUSE_COMPLETION_START].endswith("+00:00")
    assert call.attributes[c.REQUEST_STREAM] is True
    assert c.CALL_TIME_TO_FIRST_CHUNK not in proposer.attributes
    assert c.REQUEST_STREAM not in proposer.attributes
