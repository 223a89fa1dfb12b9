"""LiteLLM's proxy as people run it, called with the clients they have."""

import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import anthropic
import httpx
import openai
import pytest

from tests.collector.running import wait_until
from tests.proxy.conftest import KEY, MINI, PROVIDER_KEY, SONNET

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
PANEL_CALLS = ["chat claude-sonnet-4-5", "chat gpt-4o", "chat gpt-4o-mini"]
WEATHER = {"city": {"type": "string"}}
SCHEMA = {"type": "object", "properties": WEATHER, "required": ["city"]}
TOOL = {"type": "function", "function": {"name": "weather", "description": "Now", "parameters": SCHEMA}}


def says(content, **more):
    """Tells the simulator what to answer."""
    return {"simulator": {"content": content, **more}}


def calls(spans):
    return sorted(span["name"] for span in spans if span["name"].startswith("chat "))


def cost(spans):
    return sum(span["cost_usd"] or 0 for span in spans if span["is_llm_call"])


def test_it_lists_the_models_it_is_configured_with(client):
    names = {model.id for model in client.models.list()}

    assert {"panel", "impatient", "modified"} <= names


def test_chat_through_openais_client(client, proxy, caller):
    raw = client.chat.completions.with_raw_response.create(
        model="panel", messages=QUESTION, extra_headers=caller.headers
    )
    response = raw.parse()

    assert response.choices[0].message.content
    spans = proxy.trace(caller.trace_id)
    assert calls(spans) == PANEL_CALLS
    assert float(raw.headers["x-litellm-response-cost"]) == pytest.approx(cost(spans), abs=1e-12)
    assert response.usage.prompt_tokens == sum(span["input_tokens"] or 0 for span in spans)
    assert response.usage.completion_tokens == sum(span["output_tokens"] or 0 for span in spans)


def test_chat_streams(client, proxy, caller):
    stream = client.chat.completions.create(
        model="panel",
        messages=QUESTION,
        stream=True,
        stream_options={"include_usage": True},
        extra_headers=caller.headers,
    )
    chunks = list(stream)

    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert len([text for text in texts if text]) > 3
    spans = proxy.trace(caller.trace_id)
    assert calls(spans) == PANEL_CALLS
    [usage] = [chunk.usage for chunk in chunks if chunk.usage]
    assert usage.prompt_tokens == sum(span["input_tokens"] or 0 for span in spans)
    assert usage.completion_tokens == sum(span["output_tokens"] or 0 for span in spans)


def test_a_request_may_bring_its_own_parameters(client, proxy, caller):
    client.chat.completions.create(
        model="panel",
        messages=QUESTION,
        extra_headers=caller.headers,
        extra_body={"proposers": [f"{MINI} × 3"]},
    )

    assert calls(proxy.trace(caller.trace_id)) == ["chat gpt-4o", *["chat gpt-4o-mini"] * 3]


def test_every_composite_has_its_full_name(client, proxy, caller):
    response = client.chat.completions.create(
        model="composite/direct/" + SONNET,
        messages=QUESTION,
        extra_headers=caller.headers,
        reasoning_effort="low",
    )

    assert response.choices[0].message.content
    assert calls(proxy.trace(caller.trace_id)) == ["chat claude-sonnet-4-5"]


@pytest.mark.parametrize("stream", [False, True])
def test_tools_belong_to_the_final_model(client, proxy, stream):
    before = len(proxy.models.requests)
    given = {"model": "panel", "messages": QUESTION, "tools": [TOOL], "tool_choice": "required"}
    if stream:
        deltas = [
            chunk.choices[0].delta
            for chunk in client.chat.completions.create(**given, stream=True)
            if chunk.choices
        ]
        parts = [call for delta in deltas for call in delta.tool_calls or []]
        name = "".join(part.function.name or "" for part in parts)
        arguments = "".join(part.function.arguments or "" for part in parts)
    else:
        [call] = client.chat.completions.create(**given).choices[0].message.tool_calls
        name, arguments = call.function.name, call.function.arguments

    assert name == "weather"
    assert set(json.loads(arguments)) == {"city"}
    *members, final = proxy.models.requests[before:]
    assert final.body["tools"]
    assert not any("tools" in member.body for member in members)


def test_responses_api(client, proxy, caller):
    response = client.responses.create(
        model="panel", input="Why is the sky blue?", extra_headers=caller.headers
    )

    assert response.output_text
    spans = proxy.trace(caller.trace_id)
    assert calls(spans) == PANEL_CALLS
    assert response.usage.input_tokens == sum(span["input_tokens"] or 0 for span in spans)


def test_responses_api_streams_and_calls_tools(client):
    tool = {"type": "function", **TOOL["function"]}
    events = list(
        client.responses.create(
            model="panel", input="Why?", tools=[tool], tool_choice="required", stream=True
        )
    )

    [done] = [event.response for event in events if event.type == "response.completed"]
    [call] = [item for item in done.output if item.type == "function_call"]
    assert call.name == "weather"
    text = client.responses.create(model="panel", input="Why?", stream=True)
    assert "".join(event.delta for event in text if event.type == "response.output_text.delta")


def test_messages_through_anthropics_client(claude, proxy, caller):
    message = claude.messages.create(
        model="panel", max_tokens=300, messages=QUESTION, extra_headers=caller.headers
    )

    assert message.content[0].text
    spans = proxy.trace(caller.trace_id)
    assert calls(spans) == PANEL_CALLS
    assert message.usage.input_tokens == sum(span["input_tokens"] or 0 for span in spans)


def test_messages_stream_and_call_tools(claude):
    tool = {"name": "weather", "description": "Now", "input_schema": SCHEMA}
    with claude.messages.stream(model="panel", max_tokens=300, messages=QUESTION) as stream:
        assert "".join(stream.text_stream)
    message = claude.messages.create(
        model="panel", max_tokens=300, messages=QUESTION, tools=[tool], tool_choice={"type": "any"}
    )

    [use] = [block for block in message.content if block.type == "tool_use"]
    assert use.name == "weather"
    assert set(use.input) == {"city"}


def test_a_composite_that_fails_runs_once(client, proxy, caller):
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(
            model="composite/direct/" + MINI,
            messages=QUESTION,
            extra_headers=caller.headers,
            extra_body={"simulator": {"fault": "500"}, "composite": {"max_retries": 0}},
        )

    spans = proxy.trace(caller.trace_id)
    assert len([span for span in spans if span["name"].startswith("invoke_workflow")]) == 1
    assert len(calls(spans)) == 1


def test_a_deployments_timeout_is_kept(client):
    with pytest.raises(openai.APIStatusError) as error:
        client.chat.completions.create(
            model="impatient", messages=QUESTION, extra_body=says("Late.", delay_s=30)
        )

    assert error.value.status_code == 408
    assert "did not finish within its timeout of 0.2 s" in str(error.value)


def test_a_name_that_litellm_would_send_elsewhere_comes_here(client):
    with pytest.raises(
        openai.BadRequestError, match="sim/replicate/llama: LiteLLM sends any model with this name"
    ):
        client.chat.completions.create(model="composite/direct/sim/replicate/llama", messages=QUESTION)


def test_a_stream_that_is_left_ends_the_call(client, proxy):
    waiting = proxy.models.in_flight
    stream = client.chat.completions.create(
        model="composite/direct/" + SONNET,
        messages=QUESTION,
        stream=True,
        extra_body={"composite": {"keepalive_s": 0.05}, **says("Never.", delay_s=600)},
    )
    next(iter(stream))
    wait_until(lambda: proxy.models.in_flight > waiting)
    stream.close()

    wait_until(lambda: proxy.models.in_flight <= waiting)


def outcomes(spans):
    return [span["outcome"] for span in spans if span["is_llm_call"]]


def test_a_stream_that_is_left_in_full_flow_ends_the_call(client, proxy, caller):
    waiting = proxy.models.in_flight
    stream = client.chat.completions.create(
        model="composite/direct/" + SONNET,
        messages=QUESTION,
        stream=True,
        extra_headers=caller.headers,
        extra_body=says("word " * 10_000),
    )
    next(iter(stream))
    stream.close()

    assert outcomes(proxy.trace(caller.trace_id)) == ["cancelled"]
    wait_until(lambda: proxy.models.in_flight <= waiting)


@pytest.mark.parametrize("path", ["chat/completions", "messages", "responses"])
def test_an_answer_nobody_waits_for_is_not_made(proxy, caller, path):
    """Both members answer; the client hangs up on the aggregator."""
    asked = {"model": "panel", "messages": QUESTION, "input": "Why?", "max_tokens": 9}
    body = json.dumps(asked | says("Late.", delay_s=600))
    before, waiting = len(proxy.models.requests), proxy.models.in_flight
    connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc)
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json", **caller.headers}
    connection.request("POST", f"/v1/{path}", body, headers)
    wait_until(lambda: len(proxy.models.requests) >= before + 2 and proxy.models.in_flight > waiting)
    connection.close()

    assert sorted(outcomes(proxy.trace(caller.trace_id))) == ["cancelled", "ok", "ok"]


def test_without_the_key_nobody_gets_in(proxy):
    wrong = {"authorization": f"Bearer {KEY[:-1]}"}
    for headers in ({}, wrong):
        asked = {"model": "panel", "messages": QUESTION}
        refused = httpx.post(f"{proxy.url}/v1/chat/completions", json=asked, headers=headers)
        assert refused.status_code == 401
        assert KEY[:-1] not in refused.text


def test_plugins_meet_composites_and_plain_models(client):
    for model in ("composite/direct/sim/openai/gpt-4.1", "plain-modified"):
        asked = {"model": model, "messages": QUESTION, "extra_body": says("As it was")}
        chunks = list(client.chat.completions.create(**asked, stream=True))

        whole = client.chat.completions.create(**asked).choices[0].message.content
        streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert whole == streamed == "As it was [modified]", model


def test_what_refines_a_plain_models_answer_is_a_trace_of_its_own_and_is_paid_for(client, proxy):
    """gpt-4o-mini: 1,000 in at $0.15 and 100 out at $0.60 a million; then gpt-4o, by what the simulator counts."""
    used = {"prompt_tokens": 1000, "completion_tokens": 100}
    raw = client.chat.completions.with_raw_response.create(
        model="plain-enhanced", messages=QUESTION, extra_body=says("A draft of my own.", usage=used)
    )

    refining = proxy.models.requests[-1]
    assert "A draft of my own." in refining.messages[-1].content
    assert raw.parse().choices[0].message.content == refining.answer
    premium = refining.usage.prompt_tokens * 2.5e-6 + refining.usage.completion_tokens * 10e-6
    assert float(raw.headers["x-litellm-response-cost"]) == pytest.approx(
        0.00015 + 0.00006 + premium, abs=1e-12
    )


def test_a_user_has_a_limit_of_his_own(client):
    def ask(user):
        client.chat.completions.create(model="limited", messages=QUESTION, user=user)

    ask("ann")
    ask("ann")
    with pytest.raises(openai.RateLimitError, match="requests_per_minute is 2 for each user"):
        ask("ann")
    ask("bob")


def refused(client, model, user, **told):
    """Why a request is refused; None when it is answered."""
    try:
        client.chat.completions.create(
            model=model, messages=QUESTION, user=user, extra_body=says("Yes.", **told)
        )
    except openai.RateLimitError as error:
        return str(error)
    return None


def test_a_limit_counts_the_calls_in_a_request(client):
    """Three each: two proposers and the aggregator. After six, more than four are past in this minute."""
    answered = 0
    while (reason := refused(client, "limited-calls", "cecil")) is None:
        answered += 1
        assert answered < 100
        time.sleep(0.1)  # what a request used is known a moment after its answer

    assert answered >= 2
    assert "calls_per_minute is 4 for each user, counted by this process" in reason
    assert refused(client, "limited-calls", "dora") is None


def test_a_limit_counts_dollars(client):
    """gpt-4o: 400 in at $2.50 and 100 out at $10 a million are $0.002, so the second request goes past $0.003."""
    used = {"prompt_tokens": 400, "completion_tokens": 100}
    answered = 0
    while (reason := refused(client, "limited-usd", "cecil", usage=used)) is None:
        answered += 1
        assert answered < 100
        time.sleep(0.1)

    assert answered >= 2
    assert "usd_per_day is 0.003 for each user, counted by this process" in reason
    assert refused(client, "limited-usd", "dora", usage=used) is None


def test_no_key_is_told_to_anybody(client, claude, proxy, caller):
    """In spans, in what the process prints, in the log of calls, in errors."""
    keyed = {"model": "keyed", "extra_headers": caller.headers}
    fault = {"extra_body": {"simulator": {"fault": "401"}}}
    answers = [client.chat.completions.create(**keyed, messages=QUESTION).model_dump_json()]
    for ask in (
        lambda: client.chat.completions.create(**keyed, **fault, messages=QUESTION),
        lambda: client.chat.completions.create(**keyed, **fault, messages=QUESTION, stream=True),
        lambda: client.responses.create(**keyed, **fault, input="Why?"),
        lambda: claude.messages.create(**keyed, **fault, messages=QUESTION, max_tokens=9),
    ):
        with pytest.raises((openai.APIError, anthropic.APIError)) as error:
            list(ask())
        answers.append(f"{error.value} {error.value.body}")

    wait_until(lambda: len(calls(proxy.trace(caller.trace_id))) == 5)
    kept = httpx.get(f"{proxy.collector.url}/traces/{caller.trace_id}/otlp").text
    assert kept.count("Why is the sky blue?") > 1
    told = [*answers, kept, proxy.said(), (proxy.folder / "calls.jsonl").read_text()]
    assert not [text for text in told if KEY in text or PROVIDER_KEY in text]


def test_the_example_of_a_client_works(proxy):
    environment = {**os.environ, "OPENAI_BASE_URL": f"{proxy.url}/v1", "LITELLM_MASTER_KEY": KEY}
    script = Path(__file__).parents[2] / "examples" / "proxy_client.py"
    printed = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=True, timeout=60
    ).stdout

    assert "cost in dollars: 0.0" in printed
