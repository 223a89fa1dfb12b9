"""Usage and cost at the end of a stream, wherever a client or a callback looks for them."""

import json
from typing import ClassVar

import litellm
import pytest
from litellm.exceptions import ModelNotMappedError
from litellm.integrations.custom_logger import CustomLogger

import composite_llm
from composite_llm.simulator import Simulator
from tests.streams import GPT, MINI, QUESTION, SONNET, told, until

MOA = "composite/moa/" + GPT

RECORDED = {
    "instruction": "Why is the sky blue?",
    "outputs": {
        "gpt-4o-mini": {"content": "Air.", "usage": {"prompt_tokens": 2000, "completion_tokens": 500}},
        "claude-sonnet-4-5": {
            "content": "Light.",
            "usage": {"prompt_tokens": 1500, "completion_tokens": 300},
        },
        "gpt-4o": {
            "content": "Scattering.",
            "usage": {
                "prompt_tokens": 3000,
                "completion_tokens": 700,
                "prompt_tokens_details": {"cached_tokens": 1000},
                "completion_tokens_details": {"reasoning_tokens": 200},
            },
        },
    },
}
COST = 0.0006 + 0.009 + (2000 * 2.5 + 1000 * 1.25) / 1e6 + 0.007
"""Prices per million: gpt-4o $2.50, $1.25 cached and $10, gpt-4o-mini $0.15 and $0.60, sonnet $3 and $15.

proposers  gpt-4o-mini        2,000 in                  500 out   0.0003 + 0.0003
           claude-sonnet-4-5  1,500 in                  300 out   0.0045 + 0.0045
aggregator gpt-4o             2,000 and 1,000 cached    700 out   0.00625 + 0.0070
"""


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """A model server on which each model reports what it is said to have used."""
    file = tmp_path / "answers.jsonl"
    file.write_text(json.dumps(RECORDED))
    with Simulator(speed=0, replay=file) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        composite_llm.register()
        yield server


class HearsStreams(CustomLogger):
    """What LiteLLM's callbacks are told of whole requests. LiteLLM keeps one of each class, so there is one."""

    told: ClassVar = []

    def log_success_event(self, kwargs, response_obj, start_time, end_time):
        self._keep(kwargs)

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        self._keep(kwargs)

    def _keep(self, kwargs):
        if kwargs.get("complete_streaming_response") or kwargs.get("async_complete_streaming_response"):
            self.told.append((kwargs["response_cost"], kwargs["standard_logging_object"]))


@pytest.fixture
def heard(monkeypatch):
    monkeypatch.setattr(litellm, "callbacks", [HearsStreams()])
    HearsStreams.told.clear()
    return HearsStreams.told


@pytest.mark.parametrize("asked", [True, False], ids=["usage asked for", "usage not asked for"])
async def test_the_last_chunk_has_the_sum_of_all_calls(recorded, read, asked):
    options = {"stream_options": {"include_usage": True}} if asked else {}
    streamed = await read(MOA, proposers=[MINI, SONNET], **options)

    assert streamed.text == "Scattering."
    assert (getattr(streamed.chunks[-1], "usage", None) is not None) == asked
    usage = streamed.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (6500, 1500, 8000)
    assert usage.prompt_tokens_details.cached_tokens == 1000
    assert usage.completion_tokens_details.reasoning_tokens == 200
    assert usage.cost == pytest.approx(COST, abs=1e-12)
    receipt = composite_llm.receipt(streamed.chunks[-1])
    assert receipt.cost_usd == pytest.approx(COST, abs=1e-12)
    assert len(receipt.calls) == 3


@pytest.mark.parametrize("asked", [True, False], ids=["usage asked for", "usage not asked for"])
async def test_the_response_built_of_the_chunks_costs_what_the_stream_did(recorded, read, asked):
    options = {"stream_options": {"include_usage": True}} if asked else {}
    streamed = await read(MOA, proposers=[MINI, SONNET], **options)

    built = litellm.stream_chunk_builder(streamed.chunks)
    assert built.choices[0].message.content == "Scattering."
    assert (built.usage.prompt_tokens, built.usage.completion_tokens) == (6500, 1500)
    assert built._hidden_params["response_cost"] == pytest.approx(COST, abs=1e-12)
    assert composite_llm.receipt(built).cost_usd == pytest.approx(COST, abs=1e-12)


async def test_callbacks_hear_of_a_stream_once_with_its_whole_cost(recorded, read, heard):
    await read(MOA, proposers=[MINI, SONNET])
    await until(lambda: heard)

    [(cost, logged)] = heard
    assert cost == pytest.approx(COST, abs=1e-12)
    assert logged["response_cost"] == pytest.approx(COST, abs=1e-12)
    assert (logged["prompt_tokens"], logged["completion_tokens"]) == (6500, 1500)


async def test_a_price_nobody_knows_is_no_price_of_nothing(simulator, read, heard):
    streamed = await read(MOA, proposers=[MINI, "sim/acme/frontier-1"])
    await until(lambda: heard)

    receipt = composite_llm.receipt(streamed.chunks[-1])
    assert (receipt.cost_usd, receipt.cost_status) == (None, "partial")
    assert receipt.unpriced_models == ["sim/acme/frontier-1"]
    assert getattr(streamed.usage, "cost", None) is None
    assert litellm.stream_chunk_builder(streamed.chunks)._hidden_params.get("response_cost") is None
    [(cost, logged)] = heard
    assert cost is None
    # LiteLLM's record has 0 for None; beside it stands what is known.
    assert logged["hidden_params"]["response_cost"] is None
    recorded = logged["metadata"]["spend_logs_metadata"]["composite"]
    assert (recorded["cost_status"], recorded["unpriced_models"]) == ("partial", ["sim/acme/frontier-1"])
    beside = streamed.usage.prompt_tokens_details.composite
    assert (beside["cost_status"], beside["unpriced_models"]) == ("partial", ["sim/acme/frontier-1"])


@pytest.mark.parametrize("base", [GPT, SONNET, "sim/openai/gpt-5-mini"])
@pytest.mark.parametrize("in_a_router", [False, True])
async def test_litellm_finds_no_price_by_a_composites_name(simulator, read, monkeypatch, base, in_a_router):
    """It knows families of models, and a Router enters its own: both without a price, which it takes for 0."""
    monkeypatch.setattr(litellm, "model_cost", dict(litellm.model_cost))
    if in_a_router:
        deployment = {"model": "composite/direct/" + base}
        litellm.Router(model_list=[{"model_name": "plain", "litellm_params": deployment}])
    streamed = await read("composite/direct/" + base, **told(content="Scattering.", usage=None))

    built = litellm.stream_chunk_builder(streamed.chunks)
    assert composite_llm.receipt(built).cost_status == "unknown"
    assert built._hidden_params.get("response_cost") is None
    with pytest.raises(ModelNotMappedError):
        litellm.completion_cost(built, model="composite/direct/" + base)


async def test_a_stream_that_reports_no_usage_is_not_counted_by_guess(simulator, read):
    streamed = await read("composite/direct/" + GPT, **told(content="Scattering.", usage=None))

    receipt = composite_llm.receipt(streamed.chunks[-1])
    assert (receipt.cost_usd, receipt.cost_status, receipt.final_usage) == (None, "unknown", None)
    assert (streamed.usage.prompt_tokens, streamed.usage.completion_tokens) == (0, 0)
    assert streamed.usage.prompt_tokens_details.composite["final"] is None


async def test_a_stream_may_report_what_its_final_call_used(recorded, read):
    """What fills the context window; the bill stays the whole one."""
    streamed = await read(MOA, proposers=[MINI, SONNET], usage_mode="final")

    usage = streamed.usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (3000, 700)
    assert usage.cost == pytest.approx(COST, abs=1e-12)
    beside = usage.prompt_tokens_details.composite
    assert beside["usage_mode"] == "final"
    assert (beside["total"]["prompt_tokens"], beside["total"]["completion_tokens"]) == (6500, 1500)


@pytest.mark.parametrize(("mode", "own", "other"), [("total", 6500, 3000), ("final", 3000, 6500)])
def test_an_answer_in_one_piece_reports_both_usages_too(recorded, mode, own, other):
    response = litellm.completion(MOA, QUESTION, proposers=[MINI, SONNET], usage_mode=mode)

    assert response.usage.prompt_tokens == own
    beside = response.usage.composite
    assert beside[{"total": "final", "final": "total"}[mode]]["prompt_tokens"] == other
    assert beside["llm_calls"] == 3
    assert response._hidden_params["response_cost"] == pytest.approx(COST, abs=1e-12)
    assert "composite" in response.model_dump()["usage"], "a client behind a proxy reads it, too"


def test_a_stream_that_has_ended_has_its_receipt(recorded):
    stream = litellm.completion(MOA, QUESTION, proposers=[MINI, SONNET], stream=True)
    next(stream)
    with pytest.raises(ValueError, match="has its receipt when it has ended"):
        composite_llm.receipt(stream)
    list(stream)

    assert composite_llm.receipt(stream).cost_usd == pytest.approx(COST, abs=1e-12)


async def test_a_callback_hears_what_a_failed_request_has_used(simulator, monkeypatch):
    class HearsFailures(CustomLogger):
        told: ClassVar = []

        async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
            self.told.append(kwargs["standard_logging_object"])

    monkeypatch.setattr(litellm, "callbacks", [HearsFailures()])
    with pytest.raises(litellm.AuthenticationError):
        await litellm.acompletion(MOA, QUESTION, proposers=[MINI], **told(fault="401"))
    await until(lambda: HearsFailures.told)

    proposer = simulator.requests[-2].usage
    # gpt-4o-mini: $0.15 and $0.60 a million; the call that was refused cost nothing
    paid = proposer.prompt_tokens * 0.15e-6 + proposer.completion_tokens * 0.6e-6
    [failure] = HearsFailures.told
    assert failure["response_cost"] == pytest.approx(paid, abs=1e-12)
    assert failure["prompt_tokens"] == proposer.prompt_tokens


async def test_the_record_of_an_answer_in_one_piece_says_how_far_its_cost_is_known(simulator, monkeypatch):
    class HearsAnswers(CustomLogger):
        told: ClassVar = []

        async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
            self.told.append(kwargs["standard_logging_object"])

    monkeypatch.setattr(litellm, "callbacks", [HearsAnswers()])
    metadata = {"spend_logs_metadata": {"team": "blue"}}
    await litellm.acompletion("composite/direct/sim/acme/frontier-1", QUESTION, metadata=metadata)
    await until(lambda: HearsAnswers.told)

    added = HearsAnswers.told[0]["metadata"]["spend_logs_metadata"]
    assert added["team"] == "blue"
    assert added["composite"]["cost_status"] == "unknown"
    assert metadata == {"spend_logs_metadata": {"team": "blue"}}, "the caller's own stays as it was"


def test_a_receipt_of_something_else_says_what_it_needs(simulator):
    with pytest.raises(ValueError, match="its model must start with composite/"):
        composite_llm.receipt(litellm.completion("openai/gpt-4o", QUESTION, mock_response="Hello."))
