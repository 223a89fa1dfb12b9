"""Halves of UTF-16 pairs, which no UTF-8 can hold: from clients, models, tools and in providers' errors."""

import litellm
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

import composite_llm
from composite_llm import conventions as c
from composite_llm.encodable import encodable
from composite_llm.engine import failures
from tests.streams import Streamed

HALF = "a\ud83d"
QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
DIRECT = "composite/direct/sim/openai/gpt-4o"


def sent(spans):
    """The spans as they go out. Raises UnicodeEncodeError where one cannot, and all with it."""
    return encode_spans(spans.get_finished_spans()).SerializeToString().decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("plain", "plain"),
        ("déjà 🌈", "déjà 🌈"),
        (HALF, "a\ufffd"),
        ("\ud83c\udf08", "🌈"),
        ({HALF: [HALF, 1, None]}, {"a\ufffd": ["a\ufffd", 1, None]}),
    ],
    ids=["ascii", "whole", "half", "two halves", "nested"],
)
def test_halves_are_replaced_and_pairs_joined(text, mended):
    assert encodable(text) == mended


def test_what_is_whole_is_left_as_it_is():
    messages = [{"role": "user", "content": "déjà 🌈"}]
    assert encodable(messages) is messages


async def test_a_client_that_sends_one_is_answered_and_recorded(simulator, spans):
    response = await composite_llm.acompletion(
        DIRECT, [{"role": "user", "content": HALF}], stop=[f"never {HALF}"], metadata={"session_id": HALF}
    )

    assert response.choices[0].message.content
    assert simulator.requests[-1].messages[-1].content == "a\ufffd"
    assert "a\ufffd" in sent(spans)


async def test_an_answer_that_holds_one_is_given_out_and_recorded(simulator, spans):
    answer = {"extra_body": {"simulator": {"content": f"rainbow {HALF}"}}}
    whole = await composite_llm.acompletion(DIRECT, QUESTION, **answer)
    stream = await composite_llm.acompletion(DIRECT, QUESTION, stream=True, **answer)
    streamed = Streamed([chunk async for chunk in stream])

    assert whole.choices[0].message.content == streamed.text == "rainbow a\ufffd"
    said = [span.attributes[c.OUTPUT_VALUE] for span in spans.get_finished_spans() if span.parent is None]
    assert said == ["rainbow a\ufffd"] * 2
    sent(spans)


def test_a_providers_error_that_quotes_one_can_be_recorded():
    error = litellm.BadRequestError(f"no such word: {HALF}", model="gpt-4o", llm_provider="openai")
    assert failures.reason(error) == "BadRequestError: no such word: a\ufffd"
