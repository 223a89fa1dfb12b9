"""The client most programs use takes the simulator for the real thing."""

import openai
import pytest

from composite_llm.simulator.server import KEEP_ALIVE_S


@pytest.fixture
def openai_client(simulator):
    with openai.OpenAI(base_url=simulator.url, api_key="any", max_retries=1) as opened:
        yield opened


SKY = [{"role": "user", "content": "Why is the sky blue?"}]


def test_it_reads_whole_answers_and_streams(openai_client):
    whole = openai_client.chat.completions.create(model="gpt-4o", messages=SKY)
    stream = openai_client.chat.completions.create(
        model="gpt-4o", messages=SKY, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)

    words = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert words == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage


def test_it_retries_a_rate_limit_and_then_succeeds(openai_client, simulator):
    extra = {"simulator": {"fault": "429", "times": 1, "retry_after_s": 0.05}}

    openai_client.chat.completions.create(model="gpt-4o", messages=SKY, extra_body=extra)

    assert [record.outcome for record in simulator.requests[-2:]] == ["429", "ok"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("401", openai.AuthenticationError),
        ("context_length", openai.BadRequestError),
    ],
)
def test_it_tells_the_errors_apart(openai_client, fault, error):
    with pytest.raises(error):
        openai_client.chat.completions.create(
            model="gpt-4o", messages=SKY, extra_body={"simulator": {"fault": fault}}
        )


def test_an_idle_connection_is_the_clients_to_close():
    """Else a call goes out on it as the server closes it: an attempt that fails now and then, after a quiet minute."""
    from litellm.constants import AIOHTTP_KEEPALIVE_TIMEOUT

    assert AIOHTTP_KEEPALIVE_TIMEOUT < KEEP_ALIVE_S
