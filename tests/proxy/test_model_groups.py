"""Members named by the model groups of the proxy's own `model_list`."""

import httpx
import openai
import pytest

from tests.proxy.conftest import PROVIDER_KEY
from tests.proxy.test_proxy import QUESTION, calls, cost


def test_members_and_the_base_model_are_asked_at_the_proxys_deployments(client, proxy, caller):
    raw = client.chat.completions.with_raw_response.create(
        model="panel-of-groups", messages=QUESTION, extra_headers=caller.headers
    )

    assert raw.parse().choices[0].message.content
    spans = proxy.trace(caller.trace_id)
    assert calls(spans) == ["chat gpt-4o", "chat gpt-4o", "chat gpt-4o-mini"]
    assert cost(spans) > 0
    assert float(raw.headers["x-litellm-response-cost"]) == pytest.approx(cost(spans), abs=1e-12)
    kept = httpx.get(f"{proxy.collector.url}/traces/{caller.trace_id}/otlp").text
    assert not [text for text in (kept, proxy.said()) if PROVIDER_KEY in text]


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_may_name_them(client, proxy, caller, stream):
    answer = client.chat.completions.create(
        model="composite/moa/smart",
        messages=QUESTION,
        stream=stream,
        extra_headers=caller.headers,
        extra_body={"proposers": ["fast × 2"]},
    )
    if stream:
        assert len([chunk for chunk in answer if chunk.choices and chunk.choices[0].delta.content]) > 1

    assert calls(proxy.trace(caller.trace_id)) == ["chat gpt-4o", *["chat gpt-4o-mini"] * 2]


def test_a_name_nobody_knows_stops_the_request_before_the_first_call(client, proxy):
    before = len(proxy.models.requests)
    with pytest.raises(openai.BadRequestError, match="'slow' names no provider"):
        client.chat.completions.create(
            model="panel-of-groups", messages=QUESTION, extra_body={"proposers": ["fast", "slow"]}
        )

    assert len(proxy.models.requests) == before


def test_so_they_are_by_its_other_doors(client, claude, proxy):
    before = len(proxy.models.requests)
    client.responses.create(model="panel-of-groups", input="Why is the sky blue?")
    claude.messages.create(model="panel-of-groups", messages=QUESTION, max_tokens=99)
    with claude.messages.stream(model="panel-of-groups", messages=QUESTION, max_tokens=99) as stream:
        assert stream.get_final_text()

    asked = [record.model for record in proxy.models.requests[before:]]
    assert sorted(asked) == sorted(["gpt-4o-mini", "gpt-4o", "gpt-4o"] * 3)
