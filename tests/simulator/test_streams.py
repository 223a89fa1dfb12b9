"""Answers as server-sent events."""

import json

import pytest

from composite_llm.simulator import Simulator, count_tokens

TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}, "days": {"type": "integer"}},
        },
    },
}


def chunks_of(response) -> list[dict]:
    assert response.headers["content-type"].startswith("text/event-stream")
    lines = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def words_of(chunks, index: int = 0) -> str:
    choices = [choice for chunk in chunks for choice in chunk["choices"] if choice["index"] == index]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def test_a_stream_says_what_the_whole_answer_says(ask, text):
    assert words_of(chunks_of(ask(stream=True))) == text()


def test_a_stream_comes_token_by_token_under_one_id_and_ends_with_the_reason(ask, text):
    chunks = chunks_of(ask(stream=True))

    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert len(chunks) == 1 + count_tokens(text()) + 1
    assert chunks[-1]["choices"][0] == {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
    assert {(chunk["id"], chunk["object"], chunk["model"]) for chunk in chunks} == {
        (chunks[0]["id"], "chat.completion.chunk", "gpt-4o")
    }


def test_usage_comes_last_and_only_when_asked_for(ask, usage):
    without = chunks_of(ask(stream=True))
    chunks = chunks_of(ask(stream=True, stream_options={"include_usage": True}))

    assert all("usage" not in chunk for chunk in without)
    assert all(chunk["usage"] is None for chunk in chunks[:-1])
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == usage()


def test_max_tokens_and_n_hold_in_streams(ask):
    chunks = chunks_of(ask(stream=True, n=2, max_tokens=5))

    assert len(words_of(chunks, 0)) == len(words_of(chunks, 1)) == 20
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[-2:]] == ["length", "length"]


def test_a_tool_call_is_streamed_in_pieces(ask):
    request = {"tools": [TOOL], "tool_choice": "required"}
    [whole] = ask(**request).json()["choices"][0]["message"]["tool_calls"]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks_of(ask(stream=True, **request))]

    pieces = [call for delta in deltas for call in delta.get("tool_calls", [])]
    assert pieces[0] == {
        "index": 0,
        "id": whole["id"],
        "type": "function",
        "function": {"name": "look_up", "arguments": ""},
    }
    assert "".join(piece["function"]["arguments"] for piece in pieces) == whole["function"]["arguments"]


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_takes_the_time_it_was_told_to(ask, stream):
    with Simulator(speed=0.001) as simulator:  # by its own it would take minutes
        ask(to=simulator, stream=stream, simulator={"delay_s": 0.25})

    [record] = simulator.requests
    assert record.finished - record.started >= 0.25


def test_reasoning_is_streamed_before_the_answer(ask):
    told = {"reasoning": "Short waves scatter.", "content": "Scattering."}
    chunks = chunks_of(ask(stream=True, simulator=told))

    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    thoughts = [delta["reasoning_content"] for delta in deltas if "reasoning_content" in delta]
    assert "".join(thoughts) == "Short waves scatter."
    assert words_of(chunks) == "Scattering."
    assert "reasoning_content" in deltas[1]  # the role comes first, the words last
    assert ask(simulator=told).json()["choices"][0]["message"]["reasoning_content"] == "Short waves scatter."


def test_a_server_may_answer_in_one_piece_although_a_stream_was_asked_for(ask):
    response = ask(stream=True, simulator={"fault": "unstreamed", "content": "Scattering."})

    assert response.headers["content-type"] == "application/json"
    assert response.json()["choices"][0]["message"]["content"] == "Scattering."
