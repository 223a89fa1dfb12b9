"""What a call can use, before it is sent."""

import socket

import pytest

from composite_llm.accounting.estimates import estimate
from composite_llm.request.route import named

ASKED = [{"role": "user", "content": "Why is the sky blue, and why is it red in the evening?"}]


@pytest.fixture
def no_network(monkeypatch):
    """Names of hosts that were looked up: none can be."""
    asked = []

    def refused(host, *_, **__):
        asked.append(host)
        raise socket.gaierror(f"no network here for {host}")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    return asked


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4o",
        "groq/llama-3.1-8b-instant",
        "hosted_vllm/meta-llama/Llama-3-8b",
        "cohere/command-r",
        "anthropic/claude-sonnet-4-5",
    ],
)
async def test_tokens_are_counted_without_asking_the_web(model, no_network):
    """LiteLLM has tokenizers that it fetches: the count is OpenAI's for all."""
    same = await estimate(named("openai/gpt-4o"), ASKED, {}, counted=True)
    found = await estimate(named(model), ASKED, {}, counted=True)
    assert found.input_tokens == same.input_tokens > 10
    assert no_network == []
