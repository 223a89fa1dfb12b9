"""What spans say, cut to what is wanted: a page of a conversation reads no more than it shows."""

import json

import pytest

from collector import queries
from collector.errors import QuestionError
from collector.parameters import SomeSpans
from composite_llm import conventions as c
from tests.otlp_traces import QUESTION, all_traces, span_hex, trace_hex

ASKED = [{"role": "user", "parts": [{"type": "text", "content": QUESTION}]}]


@pytest.fixture
def landed(store, land):
    land(all_traces())
    return store


def contents(store, *numbers, most_input=1000, most_output=1000, trace=1):
    asked = SomeSpans(
        trace_id=trace_hex(trace),
        span_ids=tuple(span_hex(number) for number in numbers),
        most_input=most_input,
        most_output=most_output,
    )
    return queries.span_contents(store, asked).to_pylist()


def test_each_span_has_its_texts_and_its_attributes(landed):
    [request, call] = contents(landed, 3, 1)

    assert [request["span_id"], call["span_id"]] == [span_hex(1), span_hex(3)]
    assert json.loads(call["input_text"]) == ASKED
    assert json.loads(call["output_text"])[0]["parts"][0]["content"] == "Answer 3."
    assert json.loads(call["attributes"])[c.CALL_ROLE] == "proposer"
    assert c.INPUT_MESSAGES not in json.loads(call["attributes"])
    assert request["output_text"] == "Answer 7."
    assert request["output_chars"] == len("Answer 7.")


def test_messages_that_would_be_cut_give_way_to_the_plain_text(landed):
    [call] = contents(landed, 3, most_input=0, most_output=6)

    assert (call["output_text"], call["output_chars"]) == ("Answer", len("Answer 3."))
    assert (call["input_text"], call["input_chars"]) == (
        "",
        len(json.dumps([{"role": "user", "content": QUESTION}])),
    )


def test_spans_that_the_trace_does_not_have_are_left_out(landed):
    assert contents(landed, 99) == []
    assert contents(landed, 1, trace=99) == []
    assert contents(landed) == []


def test_a_list_too_long_is_refused():
    with pytest.raises(QuestionError, match="at most 1000 spans at once"):
        SomeSpans(trace_id="1", span_ids=("1",) * 1001, most_input=1, most_output=1)
