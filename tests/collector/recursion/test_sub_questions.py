"""Questions that were asked again, to the letter, and what the first of them cost."""

import pytest

from collector.parameters import CallsOf
from collector.recursion.questions import sub_questions
from composite_llm import conventions as c
from tests.otlp_traces import call_attributes, cost_attributes, span, span_hex, trace_hex, usage_attributes


def leaf(number, prompt, cents=1, *, trace=1, model="openai/gpt-4o", role="rlm_leaf", outcome="ok", **more):
    told = call_attributes(model, role, "rlm", trace=trace, prompt=prompt, outcome=outcome)
    attributes = told | usage_attributes(10, 1) | cost_attributes(cents)
    return span("chat", trace=trace, number=number, start_ms=number, attributes=attributes, **more)


@pytest.fixture
def asked(store, land):
    def asked(*spans, traces=(1,)):
        land(spans)
        ids = tuple(trace_hex(trace) for trace in traces)
        return sub_questions(store, CallsOf(trace_ids=ids, first_ns=0, last_ns=2**63 - 1)).to_pylist()

    return asked


def test_equal_questions_to_one_model_are_one_row_and_the_first_is_told(asked):
    rows = asked(
        leaf(1, "Who signed?", 2),
        leaf(2, "Who signed?", 3),
        leaf(3, "Who signed?", None),
        leaf(4, "Who signed? ", 4),  # another letter
        leaf(5, "Who signed?", 5, model="openai/gpt-4o-mini"),
    )

    told = ("calls", "unpriced_calls", "spend_usd", "first_span_id", "first_usd")
    assert [tuple(row[name] for name in told) for row in rows] == [
        (3, 1, pytest.approx(0.05), span_hex(1), pytest.approx(0.02)),
        (1, 0, pytest.approx(0.04), span_hex(4), pytest.approx(0.04)),
        (1, 0, pytest.approx(0.05), span_hex(5), pytest.approx(0.05)),
    ]
    assert rows[0]["digest"] == rows[2]["digest"] != rows[1]["digest"]


def test_where_the_first_has_no_price_it_is_not_nothing(asked):
    [row] = asked(leaf(1, "Who?", None), leaf(2, "Who?", 3))

    assert (row["first_usd"], row["unpriced_calls"], row["spend_usd"]) == (None, 1, pytest.approx(0.03))


def test_what_failed_was_cancelled_or_is_no_sub_call_is_no_repetition(asked):
    [row] = asked(
        leaf(1, "Who?"),
        leaf(2, "Who?", error="429"),
        leaf(3, "Who?", outcome="hedge_lost"),
        leaf(4, "Who?", role="proposer"),
    )

    assert row["calls"] == 1


def test_calls_without_stored_input_cannot_be_told_apart(asked):
    bare = leaf(1, "Who?")
    for attribute in [each for each in bare.attributes if each.key in (c.INPUT_MESSAGES, c.INPUT_VALUE)]:
        bare.attributes.remove(attribute)

    [row] = asked(bare)

    assert (row["digest"], row["calls"]) == (None, 1)


def test_only_of_the_runs_that_are_asked_for(asked):
    rows = asked(leaf(1, "Who?"), leaf(1, "Who?", trace=2), leaf(1, "Who?", trace=3), traces=(1, 3))

    assert [row["trace_id"] for row in rows] == [trace_hex(1), trace_hex(3)]
