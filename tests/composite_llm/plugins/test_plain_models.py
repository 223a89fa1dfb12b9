"""Plugins at plain models, through LiteLLM's hooks: asynchronous calls in the SDK and a Router.

tests/proxy has the proxy, and streams.
"""

import json

import litellm
import pytest
from openai import OpenAI, OpenAIError

from composite_llm import conventions as c
from composite_llm.engine.loop_thread import run_sync
from tests.collector.running import wait_until

QUESTION = [{"role": "user", "content": "Is Project Apollo late?"}]


def says(content, **more):
    return {"extra_body": {"simulator": {"content": content, **more}}}


async def text_of(stream):
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


def called(call, *arguments, **parameters):
    """On the loop of this process, which keeps its connections for the next call."""
    return run_sync(lambda: call(*arguments, **parameters))


def test_prompts_and_answers_are_changed(simulator, plugins, plain):
    plugins("content_filter", patterns=["project [a-z]+"])
    plugins("modifier", suffix="!")
    response = called(litellm.acompletion, **plain, messages=QUESTION, **says("Ask Project Zeus."))

    assert response.choices[0].message.content == "Ask [filtered].!"
    assert simulator.requests[-1].messages[-1].content == "Is [filtered] late?"


def test_a_router_calls_them_by_the_name_of_the_group(simulator, plugins, plain):
    plugins("modifier", suffix="!", models=["team"])
    router = litellm.Router([{"model_name": "team", "litellm_params": plain}])
    asked = {"model": "team", "messages": QUESTION, **says("Yes.")}

    assert called(router.acompletion, **asked).choices[0].message.content == "Yes.!"


def test_a_stream_outside_the_proxy_passes_with_a_warning(simulator, plugins, plain, caplog):
    """LiteLLM 1.106 hands over its last chunk alone."""
    plugins("modifier", suffix="!")
    stream = called(litellm.acompletion, **plain, messages=QUESTION, stream=True, **says("Yes."))

    assert run_sync(lambda: text_of(stream)) == "Yes."
    assert "plugin modifier cannot change this answer" in caplog.text


def test_a_door_at_which_litellm_asks_in_the_providers_own_terms_is_warned_of(
    simulator, plugins, plain, caplog
):
    """OpenAI's models are asked at `/v1/responses`, which the simulator does not have."""
    plugins("content_filter", patterns=["apollo"])
    for _ in range(2):
        with pytest.raises(OpenAIError):
            called(litellm.aresponses, **plain, input="Is Project Apollo late?")

    said = [
        record.getMessage() for record in caplog.records if "plugin content_filter" in record.getMessage()
    ]
    assert len(said) == 1
    assert "may not be able to change plain models at /v1/responses" in said[0]


def test_a_prompt_is_refused(simulator, plugins, plain):
    plugins("content_filter", patterns=["apollo"], action="refuse")
    before = len(simulator.requests)

    with pytest.raises(litellm.ContentPolicyViolationError):
        called(litellm.acompletion, **plain, messages=QUESTION)

    assert len(simulator.requests) == before


def test_messages_by_position_do_not_pass_unfiltered(simulator, plugins, plain):
    """LiteLLM gives hooks the named arguments alone."""
    plugins("content_filter", patterns=["apollo"])
    model = plain.pop("model")
    before = len(simulator.requests)

    with pytest.raises(litellm.BadRequestError, match="pass them as messages="):
        called(litellm.acompletion, model, QUESTION, **plain)

    assert len(simulator.requests) == before


def test_what_refines_an_answer_has_spans_and_a_price(simulator, plugins, plain, spans):
    """gpt-4o-mini: 1,000 in at $0.15 and 100 out at $0.60 a million; then gpt-4o by what its span says."""
    plugins("enhance", model="sim/openai/gpt-4o")
    used = {"prompt_tokens": 1000, "completion_tokens": 100}
    response = called(litellm.acompletion, **plain, messages=QUESTION, **says("A draft.", usage=used))

    refining = simulator.requests[-1]
    assert response.choices[0].message.content == refining.answer
    assert "<draft>\nA draft.\n</draft>" in refining.messages[-1].content
    [call] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.LLM_CALL]
    premium = call.attributes[c.INPUT_TOKENS] * 2.5e-6 + call.attributes[c.OUTPUT_TOKENS] * 10e-6
    assert call.attributes[c.COST_USD] == pytest.approx(premium, abs=1e-12)
    cost = response._hidden_params["response_cost"]
    assert cost == pytest.approx(0.00015 + 0.00006 + premium, abs=1e-12)


def test_calls_are_logged_with_their_price_or_without_one(simulator, plugins, plain, tmp_path):
    """Of a model no other test here asks: LiteLLM may tell of an earlier test's call only now."""
    file = tmp_path / "calls.jsonl"
    plugins("call_log", file=file)
    plain = {**plain, "messages": QUESTION, "model": "openai/gpt-4.1-mini"}
    called(
        litellm.acompletion,
        **plain,
        **says("Yes.", usage={"prompt_tokens": 1000, "completion_tokens": 100}),
    )
    called(litellm.acompletion, **{**plain, "model": "openai/frontier-1"})
    with pytest.raises(litellm.AuthenticationError):
        called(litellm.acompletion, **plain, extra_body={"simulator": {"fault": "401"}})
    costs = {
        ("openai/gpt-4.1-mini", "ok"): pytest.approx(0.00056, abs=1e-12),  # $0.40 and $1.60 a million
        ("openai/frontier-1", "ok"): None,
        ("openai/gpt-4.1-mini", "error"): 0.0,  # it was refused
    }

    def told():
        lines = map(json.loads, file.read_text().splitlines() if file.exists() else ())
        return {(line["model"], line["outcome"]): line["cost_usd"] for line in lines}

    wait_until(lambda: costs.keys() <= told().keys())
    assert {call: told()[call] for call in costs} == costs


def logged(file):
    """The models in a call log, where there is one yet."""
    return [json.loads(line)["model"] for line in file.read_text().splitlines()] if file.exists() else []


def test_a_synchronous_call_is_logged(simulator, plugins, plain, tmp_path):
    """LiteLLM has no hook that could change it."""
    file = tmp_path / "calls.jsonl"
    plugins("call_log", file=file)
    plugins("modifier", suffix="!")
    with OpenAI(
        base_url=simulator.url, api_key="none-needed"
    ) as client:  # LiteLLM never closes one of its own
        asked = {**plain, "model": "openai/gpt-4.1-nano", "messages": QUESTION}
        response = litellm.completion(**asked, client=client, **says("Yes."))

    assert response.choices[0].message.content == "Yes."
    wait_until(lambda: "openai/gpt-4.1-nano" in logged(file))
    assert logged(file).count("openai/gpt-4.1-nano") == 1


def test_a_synchronous_call_passes_unfiltered_and_the_log_says_so_once(simulator, plugins, plain, caplog):
    plugins("content_filter", patterns=["apollo"])
    with OpenAI(base_url=simulator.url, api_key="none-needed") as client:
        for _ in range(2):
            response = litellm.completion(
                **plain, messages=QUESTION, client=client, **says("Apollo is late.")
            )

    assert response.choices[0].message.content == "Apollo is late."
    assert simulator.requests[-1].messages[-1].content == QUESTION[0]["content"]
    said = [record.getMessage() for record in caplog.records if "synchronously" in record.getMessage()]
    assert len(said) == 1
    assert said[0].startswith("plugin content_filter cannot change gpt-4o-mini")


def test_plugins_that_look_on_or_are_not_meant_say_nothing_of_synchronous_calls(
    simulator, plugins, plain, caplog, tmp_path
):
    plugins("call_log", file=tmp_path / "calls.jsonl")
    plugins("content_filter", patterns=["apollo"], models=["openai/gpt-4.1"])
    with OpenAI(base_url=simulator.url, api_key="none-needed") as client:
        litellm.completion(**plain, messages=QUESTION, client=client)

    assert "synchronously" not in caplog.text
