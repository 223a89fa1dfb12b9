"""What a stream's chunks come to, against what LiteLLM makes of all of them."""

import litellm
import pytest
from litellm.types.utils import Delta, ModelResponseStream, StreamingChoices

from composite_llm.streaming.assembly import assembled, said_so_far, usage_so_far
from composite_llm.streaming.runs import joined

CALLS = [("call_1", "look_up", '{"place": "Oslo"}'), ("call_2", "wait", '{"days": 3}')]


def chunk(index=0, finish_reason=None, **delta):
    choice = StreamingChoices(index=index, delta=Delta(**delta), finish_reason=finish_reason)
    return ModelResponseStream(id="chatcmpl-1", model="gpt-4o", choices=[choice])


def tool_chunks():
    for number, (call_id, name, arguments) in enumerate(CALLS):
        named = {
            "index": number,
            "id": call_id,
            "type": "function",
            "function": {"name": name, "arguments": ""},
        }
        yield chunk(content=None, tool_calls=[named])
        for letter in arguments:
            piece = {"index": number, "function": {"arguments": letter}}
            yield chunk(content=None, tool_calls=[piece])


def whole_stream():
    yield chunk(role="assistant", content="")
    yield from (chunk(reasoning_content=letter, content=None) for letter in "Hmm, well.")
    yield from (chunk(content=letter) for letter in "It is blue. 🌌")
    yield from tool_chunks()
    yield chunk(finish_reason="tool_calls")


def test_joined_chunks_say_what_all_of_them_say():
    chunks = list(whole_stream())
    few = joined(chunks, 0)

    of_all, of_few = (litellm.stream_chunk_builder(list(some)).choices[0] for some in (chunks, few))
    assert of_few.message.model_dump() == of_all.message.model_dump()
    assert of_few.message.content == "It is blue. 🌌"
    assert of_few.message.reasoning_content == "Hmm, well."
    assert [
        (call.id, call.function.name, call.function.arguments) for call in of_few.message.tool_calls
    ] == CALLS
    assert of_few.finish_reason == "tool_calls"
    assert len(few) == 8  # role, thoughts, words, and for each call its name and its arguments, and the end


def test_two_answers_in_one_stream_stay_two():
    chunks = [chunk(index=index, content=text) for text in ("a", "b", "c") for index in (0, 1)]
    chunks[1].choices[0].delta.content = "x"

    assert [choice.message["content"] for choice in said_so_far(chunks)] == ["abc", "xbc"]


def test_of_a_stream_that_has_only_begun_nothing_is_said():
    assert said_so_far([]) == []
    assert said_so_far([chunk(role="assistant", content="")]) == []


def test_what_was_reported_before_a_break_is_the_least_that_was_used():
    """As Anthropic does: the prompt is counted at the start."""
    begun = chunk(role="assistant", content="")
    begun.usage = litellm.Usage(prompt_tokens=120, completion_tokens=1, total_tokens=121)

    usage = usage_so_far([begun, chunk(content="Blue")])
    assert (usage.input, usage.output) == (120, 1)
    assert usage_so_far([chunk(content="Blue")]) is None


def test_an_answer_without_reported_usage_has_no_cost(monkeypatch):
    from composite_llm.request.route import Route

    way = Route("openai/gpt-4o", "gpt-4o", "openai", "openai/gpt-4o", None)
    answer = assembled(list(whole_stream()), way, None)

    assert (answer.usage, answer.cost) == (None, None)
    reporting = [*whole_stream(), chunk()]
    reporting[-1].usage = litellm.Usage(prompt_tokens=1000, completion_tokens=100, total_tokens=1100)
    # gpt-4o: $2.50 and $10 a million
    assert assembled(reporting, way, None).cost.total == pytest.approx(0.0025 + 0.001, abs=1e-12)
