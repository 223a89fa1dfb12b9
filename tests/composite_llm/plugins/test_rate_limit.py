"""Limits on calls and dollars, which are known only when a request has ended. tests/proxy has the real proxy."""

import litellm
import pytest

from composite_llm.engine.loop_thread import run_sync

GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"
QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]


def ask(limiter, user, model, *, place="metadata", **more):
    """As the proxy does: its hook, which may write into the request, and then the request."""
    from litellm.proxy._types import UserAPIKeyAuth

    data = {"model": model, "messages": QUESTION, "user": user, place: {"user_api_key": "hashed"}, **more}

    async def both():
        await limiter.async_pre_call_hook(UserAPIKeyAuth(api_key="hashed"), None, data, "acompletion")
        return await litellm.acompletion(**data)

    return run_sync(both)


def test_every_call_of_a_request_counts(simulator, plugins):
    """Two proposers and an aggregator: six after two requests, and four were allowed."""
    limiter = plugins("rate_limit", calls_per_minute=4, per="user")
    panel = {"proposers": [MINI, SONNET]}
    for _ in range(2):
        ask(limiter, "ann", "composite/moa/" + GPT, **panel)

    with pytest.raises(
        litellm.RateLimitError, match="calls_per_minute is 4 for each user, counted by this process"
    ):
        ask(limiter, "ann", "composite/moa/" + GPT, **panel)
    ask(limiter, "bob", "composite/moa/" + GPT, **panel)


def test_dollars_count(simulator, plugins):
    """gpt-4o: 400 in at $2.50 and 100 out at $10 a million are $0.002, so two requests go past $0.003."""
    limiter = plugins("rate_limit", usd_per_day=0.003, per="user")
    used = {"extra_body": {"simulator": {"usage": {"prompt_tokens": 400, "completion_tokens": 100}}}}
    for _ in range(2):
        ask(limiter, "ann", "composite/direct/" + GPT, **used)

    with pytest.raises(litellm.RateLimitError, match="usd_per_day is 0.003 for each user"):
        ask(limiter, "ann", "composite/direct/" + GPT, **used)
    ask(limiter, "bob", "composite/direct/" + GPT, **used)


def test_a_key_counts_for_all_its_users(simulator, plugins):
    limiter = plugins("rate_limit", calls_per_minute=1)
    ask(limiter, "ann", "composite/direct/" + GPT)

    with pytest.raises(litellm.RateLimitError, match="for each key"):
        ask(limiter, "bob", "composite/direct/" + GPT)


def test_several_limits_are_all_in_force(simulator, plugins):
    limiters = [plugins("rate_limit", calls_per_minute=1), plugins("rate_limit", usd_per_day=1.0)]

    assert [callback for callback in litellm.callbacks if callback in limiters] == limiters
