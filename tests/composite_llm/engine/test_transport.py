"""What LiteLLM's own logging hears of the calls inside a composite."""

from typing import Any, ClassVar

import litellm
import pytest
from litellm.integrations.custom_logger import CustomLogger
from openai import OpenAIError

import composite_llm
from composite_llm.simulator import Simulator
from tests.streams import until

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
GPT, MINI = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini"


class Heard_PROXY_(CustomLogger):
    """By its name one of those that `no-log` does not keep from hearing of a call."""

    models: ClassVar[list[str]] = []

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        self.models.append(kwargs["model"])

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        self.models.append(f"{kwargs['model']} failed")


@pytest.fixture
def heard(simulator, monkeypatch):
    monkeypatch.setattr(litellm, "callbacks", [Heard_PROXY_()])
    Heard_PROXY_.models.clear()
    return Heard_PROXY_.models


async def after(request: str, **parameters: Any) -> None:
    """Callbacks are told in the order in which calls end, so a call made last is heard of last."""
    answer = await composite_llm.acompletion(request, QUESTION, **parameters)
    if parameters.get("stream"):
        assert [chunk async for chunk in answer]
    await the_last()


async def the_last() -> None:
    await litellm.acompletion("openai/the-last", QUESTION, mock_response="Done.")


@pytest.mark.parametrize("stream", [False, True])
async def test_of_the_calls_inside_a_request_nobody_hears(heard, monkeypatch, stream):
    with Simulator(speed=0, faults={"gpt-4.1": "context_length:1"}) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        await after("composite/moa/" + GPT, proposers=[MINI, "sim/openai/gpt-4.1"], stream=stream)
        await until(lambda: "the-last" in heard)

        assert sorted(record.outcome for record in server.requests) == ["context_length", "ok", "ok"]

    assert heard == ["moa/" + GPT, "the-last"]


async def test_of_a_stream_that_breaks_inside_a_request_nobody_hears(heard, monkeypatch):
    with Simulator(speed=0, faults={"gpt-4o": "truncated:1"}) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        with pytest.raises(OpenAIError):
            await after("composite/direct/" + GPT, stream=True, max_retries=0)
        await the_last()
        await until(lambda: "the-last" in heard)

    assert heard == [f"direct/{GPT} failed", "the-last"]


async def test_what_somebodys_own_provider_asks_is_heard_of(heard, monkeypatch):
    class Own(litellm.CustomLLM):
        async def acompletion(self, *_, **request):
            return await litellm.acompletion("openai/asked-by-own", request["messages"], mock_response="Hm.")

    entry = {"provider": "own", "custom_handler": Own()}
    monkeypatch.setattr(litellm, "custom_provider_map", [*litellm.custom_provider_map, entry])
    litellm.utils.custom_llm_setup()
    await after("composite/direct/own/model")
    await until(lambda: "the-last" in heard)

    assert "asked-by-own" in heard
