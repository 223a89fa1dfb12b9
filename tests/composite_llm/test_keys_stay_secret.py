"""A provider's key is in no span, log line, error, receipt or file, by whichever door it came and however it ended."""

import json
import logging

import litellm
import openai
import pytest

import composite_llm
from composite_llm.engine.loop_thread import run_sync
from tests.collector.running import wait_until

CANARY = "sk-canary-of-a-provider-4c7e1f9a2b6d8035"
QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
FAULTS = ["401", "429", "500", None]


@pytest.fixture
def keyed(simulator):
    """A composite whose calls carry the key."""
    return {"model": "composite/direct/openai/gpt-4o", "api_key": CANARY, "api_base": simulator.url}


async def _read(stream):
    return [chunk async for chunk in stream]


def sdk(keyed, **more):
    return litellm.completion(**keyed, **more)


def sdk_async(keyed, **more):
    return run_sync(lambda: litellm.acompletion(**keyed, **more))


def sdk_stream(keyed, **more):
    return list(litellm.completion(**keyed, stream=True, **more))


def own(keyed, **more):
    return composite_llm.completion(**keyed, **more)


def _router(keyed):
    return litellm.Router(
        [{"model_name": "team", "litellm_params": keyed}], num_retries=0, disable_cooldowns=True
    )


def router(keyed, **more):
    return _router(keyed).completion(model="team", **more)


def router_async(keyed, **more):
    async def ask():
        return await _router(keyed).acompletion(model="team", **more)

    return run_sync(ask)


def router_stream(keyed, **more):
    async def ask():
        return await _read(await _router(keyed).acompletion(model="team", stream=True, **more))

    return run_sync(ask)


DOORS = [sdk, sdk_async, sdk_stream, own, router, router_async, router_stream]


def written(span):
    """All that goes out of a span."""
    return span.to_json() + json.dumps([[event.name, dict(event.attributes)] for event in span.events])


@pytest.mark.parametrize("door", DOORS)
def test_by_no_door_and_in_no_failure(door, keyed, simulator, spans, caplog, monkeypatch):
    monkeypatch.setattr("composite_llm.engine.resilience.FIRST_PAUSE_S", 0.001)
    caplog.set_level(logging.DEBUG, "composite_llm")
    told = []
    for fault in FAULTS:
        directive = {"fault": fault, "retry_after_s": 0} if fault else {}
        # Its prompt is recorded whole, so a key that were anywhere in the call's stored content would be found.
        try:
            answer = door(keyed, messages=QUESTION, extra_body={"simulator": directive})
            told.append(repr(answer))
            assert not fault
        except openai.OpenAIError as error:
            if not fault:
                raise
            told += [str(error), repr(error), str(getattr(error, "__cause__", ""))]

    sent = [request for request in simulator.requests if request.model == "gpt-4o"]
    assert sent
    kept = [written(span) for span in spans.get_finished_spans()]
    assert len(kept) >= 3 * len(FAULTS)
    assert sum("Why is the sky blue?" in text for text in kept) >= len(FAULTS)
    for text in (*told, *kept, caplog.text):
        assert CANARY not in text


def test_nor_where_a_provider_repeats_it_in_its_error(keyed, spans, caplog, tmp_path):
    """OpenAI quotes a wrong key in part, others whole; here it stands in the address, which the error names."""
    gone = keyed | {"api_base": f"http://127.0.0.1:9/{CANARY}"}
    with pytest.raises(openai.OpenAIError) as error:
        litellm.completion(**gone, messages=QUESTION, max_retries=0)

    wait_until(lambda: len(spans.get_finished_spans()) >= 3)
    kept = [written(span) for span in spans.get_finished_spans()]
    assert not [text for text in [str(error.value), *kept, caplog.text] if CANARY in text]
