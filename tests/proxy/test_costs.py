"""What the proxy says a request cost: to its client, to callbacks, and to the budgets of keys."""

import json

import anthropic
import openai
import pytest

from tests.collector.running import wait_until
from tests.proxy.test_proxy import QUESTION, cost, says

USED = {"prompt_tokens": 1000, "completion_tokens": 100}
"""Of gpt-4o $0.0035: 1,000 in at $2.50 and 100 out at $10 a million."""
COST = "x-litellm-response-cost"


def chat(client, claude, model, **more):
    asked = client.chat.completions.with_raw_response
    return asked.create(model=model, messages=QUESTION, **more)


def responses(client, claude, model, **more):
    return client.responses.with_raw_response.create(model=model, input="Why is the sky blue?", **more)


def messages(client, claude, model, **more):
    asked = claude.messages.with_raw_response
    return asked.create(model=model, messages=QUESTION, max_tokens=99, **more)


def completions(client, claude, model, **more):
    return client.completions.with_raw_response.create(model=model, prompt="Why is the sky blue?", **more)


DOORS = pytest.mark.parametrize("ask", [chat, responses, messages, completions])


def heard(proxy, headers, times=1):
    """What a callback was told of the request with these headers, as soon as that is so many times."""
    told = []

    def written():
        file = proxy.folder / "heard.jsonl"
        lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        told[:] = [line for line in lines if line["id"] == headers["x-litellm-call-id"]]
        return len(told) >= times

    wait_until(written)
    return told


@DOORS
def test_a_known_cost_is_said_at_every_door_and_booked_once(ask, client, claude, proxy):
    headers = ask(client, claude, "modified", extra_body=says("Air.", usage=USED)).headers

    assert float(headers[COST]) == pytest.approx(0.0035)
    [told] = heard(proxy, headers)
    assert (told["cost"], told["booked"]) == (pytest.approx(0.0035), pytest.approx(0.0035))


@DOORS
def test_of_an_unknown_one_nothing_is_said_and_what_is_known_of_it_is_booked(ask, client, claude, proxy):
    """The member has no price; the aggregator costs $0.0035, and so much at least goes off a key's budget."""
    headers = ask(client, claude, "half-known", extra_body=says("Air.", usage=USED)).headers

    assert COST not in headers
    [told] = heard(proxy, headers)
    assert (told["cost"], told["booked"]) == (None, pytest.approx(0.0035))


@pytest.mark.parametrize("ask", [chat, responses])
def test_a_request_that_fails_costs_what_its_calls_cost(ask, client, claude, proxy, caller):
    """Both members answer; the aggregator refuses its key."""
    fault = {"simulator": {"fault": "401"}}
    with pytest.raises(openai.AuthenticationError) as error:
        ask(client, claude, "panel", extra_headers=caller.headers, extra_body=fault)

    spent = cost(proxy.trace(caller.trace_id))
    assert spent > 0
    assert float(error.value.response.headers[COST]) == pytest.approx(spent, abs=1e-12)
    [told] = heard(proxy, error.value.response.headers)
    assert told["booked"] == pytest.approx(spent, abs=1e-12)


def test_one_that_fails_at_an_unknown_cost_says_so(client, claude):
    fault = {"simulator": {"fault": "500"}, "composite": {"max_retries": 0}}
    with pytest.raises(openai.InternalServerError) as error:
        chat(client, claude, "half-known", extra_body=fault)
    assert error.value.response.headers[COST] == "unknown"

    # Here LiteLLM asks nobody, and would say 0.
    with pytest.raises(anthropic.InternalServerError) as error:
        messages(client, claude, "half-known", extra_body=fault)
    assert COST not in error.value.response.headers


def test_a_plain_model_that_takes_a_composites_place_has_its_own_price(client, claude, proxy):
    answered = chat(client, claude, "replaced")

    used = answered.parse().usage
    expected = used.prompt_tokens * 2.5e-6 + used.completion_tokens * 10e-6
    assert float(answered.headers[COST]) == pytest.approx(expected)
    costs = sorted(told["booked"] for told in heard(proxy, answered.headers, times=2))
    assert costs == [0.0, pytest.approx(expected)], "the composite's one call was refused, then the other's"
