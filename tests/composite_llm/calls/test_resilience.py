"""One call until it has an answer: retries, hedges, other models, merged turns."""

import time
from email.utils import formatdate

import httpx
import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine import failures
from tests.composite_llm.calls.observed import (
    DIRECT,
    GPT,
    MINI,
    MOA,
    NANO,
    QUESTION,
    SONNET,
    asked,
    calls,
    outcomes,
    request,
)
from tests.held_answers import hold


def told(**directive):
    """Tells the server how to answer the final call."""
    return {"extra_body": {"simulator": directive}}


async def test_retries_can_be_fewer_or_none(models, spans, ask):
    server = models(faults={"gpt-4o": "503"})
    with pytest.raises(litellm.ServiceUnavailableError):
        await ask(DIRECT, QUESTION, composite={"max_retries": 0})
    assert len(server.requests) == 1

    with pytest.raises(litellm.ServiceUnavailableError):
        await ask(DIRECT, QUESTION, composite={"max_retries": 1})
    assert len(server.requests) == 3


async def test_a_retry_waits_as_long_as_the_provider_asks(models, spans, ask):
    """The pause of our own would be at most 0.6 s."""
    models()
    await ask(DIRECT, QUESTION, **told(fault="429", times=1, retry_after_s=1))

    first, second = calls(spans, "direct")
    assert second.start_time - first.end_time >= 1e9


def test_a_provider_may_ask_for_a_pause_until_a_moment():
    in_an_hour = formatdate(time.time() + 3600, usegmt=True)
    for header, least, most in ((in_an_hour, 3000, 3600), ("7", 7, 7), ("soon", 0, 0), ("", 0, 0)):
        request = httpx.Request("POST", "http://provider")
        response = httpx.Response(429, headers={"retry-after": header}, request=request)
        error = litellm.RateLimitError("slower", "openai", "gpt-4o", response=response)
        assert least <= failures.seconds_asked_for(error) <= most


async def test_a_wait_that_would_outlast_the_deadline_is_not_begun(models, spans, ask):
    models()
    with pytest.raises(litellm.RateLimitError):
        await ask(DIRECT, QUESTION, timeout=25, **told(fault="429", retry_after_s=29))

    assert outcomes(spans, "direct") == ["error"]


async def test_a_slow_attempt_gets_a_second_one_beside_it_and_loses(models, spans, ask, clock):
    server = models()
    with clock.passing(101, once=lambda: server.in_flight == 1):
        response = await ask(DIRECT, QUESTION, hedge_after_s=100, **told(fault="timeout", times=1))

    first, second = calls(spans, "direct")
    assert outcomes(spans, "direct") == ["hedge_lost", "ok"]
    assert first.attributes[c.CALL_ID] == second.attributes[c.CALL_ID]
    assert (first.attributes.get(c.CALL_HEDGE), second.attributes[c.CALL_HEDGE]) == (None, True)
    assert first.status.is_unset  # losing is no failure
    assert request(spans).attributes[c.ROLLUP_ERRORS] == 0
    receipt = composite_llm.receipt(response)
    assert [call.outcome for call in receipt.calls] == ["hedge_lost", "ok"]
    assert (receipt.cost_status, receipt.cost_usd) == ("partial", None)  # the loser may be billed
    assert receipt.known_cost_usd == second.attributes[c.COST_USD]
    assert receipt.degraded == []
    assert server.max_in_flight == 2


async def test_an_attempt_that_is_quick_enough_is_not_hedged(models, spans, ask):
    models()
    await ask(DIRECT, QUESTION, hedge_after_s=500)

    assert outcomes(spans, "direct") == ["ok"]


async def test_a_hedge_of_a_failing_attempt_answers(models, spans, ask, clock):
    """The first fails after its hedge was sent: that one is waited for, and no retry is made."""
    server = models()
    hold(server, "gpt-4o", until=lambda: server.max_in_flight == 2, answers=False)
    hold(server, "gpt-4o", until=lambda: outcomes(spans, "direct") == ["error"], answers=True)
    with clock.passing(101, once=lambda: server.in_flight == 1):
        await ask(DIRECT, QUESTION, hedge_after_s=100, **told(fault="503", times=1))

    assert outcomes(spans, "direct") == ["error", "ok"]


async def test_members_are_hedged_too(models, spans, ask, clock):
    server = models(faults={"gpt-4o-mini": "timeout"})
    with (
        clock.passing(101, once=lambda: outcomes(spans, "proposer") == ["ok"] and server.in_flight == 1),
        clock.passing(200, once=lambda: server.in_flight == 2 and outcomes(spans, "proposer") == ["ok"]),
    ):
        await ask(MOA, QUESTION, proposers=[MINI, NANO], hedge_after_s=100, member_timeout_s=300)

    assert outcomes(spans, "proposer") == ["timeout", "timeout", "ok"]


async def test_other_models_are_asked_in_turn_when_one_fails_for_good(models, spans, ask):
    server = models(faults={"gpt-4o-mini": "401", "claude-sonnet-4-5": "empty"})
    chain = {MINI: [SONNET, NANO]}
    response = await ask(MOA, QUESTION, proposers=[MINI, GPT], composite={"fallbacks": chain})

    tried = calls(spans, "proposer")[:3]
    assert [span.attributes[c.LITELLM_MODEL] for span in tried] == [MINI, SONNET, NANO]
    assert [span.attributes[c.CALL_OUTCOME] for span in tried] == ["error", "empty", "ok"]
    assert [span.attributes[c.CALL_ATTEMPT] for span in tried] == [1, 2, 3]
    assert len({span.attributes[c.CALL_ID] for span in tried}) == 1
    assert composite_llm.receipt(response).degraded == []
    assert len(asked(server, "gpt-4o")) == 2  # the second proposer and the aggregator, no fallback for them


async def test_the_final_call_falls_back_too(models, spans, ask):
    models(faults={"gpt-4o": "401"})
    response = await ask(DIRECT, QUESTION, composite={"fallbacks": [NANO]})

    assert outcomes(spans, "direct") == ["error", "ok"]
    assert DIRECT.endswith(response.model)  # of a stream LiteLLM tells it without the provider


async def test_when_every_model_fails_the_error_is_the_first_ones_and_names_them_all(models, spans, ask):
    models(faults={"gpt-4o": "401", "gpt-4.1-nano": "context_length"})
    with pytest.raises(litellm.AuthenticationError) as error:
        await ask(DIRECT, QUESTION, composite={"fallbacks": [NANO]})

    assert f"direct {GPT}: AuthenticationError" in str(error.value)
    assert f"then direct {NANO}: ContextWindowExceededError" in str(error.value)


ADJACENT = [{"role": "user", "content": "Here is the text."}, {"role": "user", "content": "Shorten it."}]


async def test_user_turns_in_a_row_are_merged_where_a_server_refuses_them(models, spans, ask):
    server = models(faults={"gpt-4o": "user_turns"})
    await ask(DIRECT, ADJACENT)
    await ask(DIRECT, ADJACENT)

    bodies = [body["messages"] for body in asked(server, "gpt-4o")]
    merged = [{"role": "user", "content": "Here is the text.\n\nShorten it."}]
    assert bodies == [ADJACENT, merged, merged]  # the second request knows it already
    assert ADJACENT[0]["content"] == "Here is the text."  # the client's own are left as they are


async def test_user_turns_in_a_row_stay_apart_where_they_are_taken(models, spans, ask):
    server = models()
    await ask(DIRECT, ADJACENT)

    assert asked(server, "gpt-4o")[0]["messages"] == ADJACENT


async def test_another_bad_request_is_tried_once_merged_and_not_remembered(models, spans, ask):
    server = models(faults={"gpt-4.1-nano": "401"})
    with pytest.raises(litellm.BadRequestError):
        await ask(DIRECT, ADJACENT, n=1000)  # more than the server allows
    await ask(DIRECT, ADJACENT)

    assert [len(body["messages"]) for body in asked(server, "gpt-4o")][-1] == 2
