"""What members said, kept for the rest of the user's turn."""

import litellm
import pytest
from opentelemetry.trace import SpanContext

from composite_llm.caching import panel
from composite_llm.caching.memory import Memory
from composite_llm.caching.panel import TTL_S, Panel
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.transport import Answer, choices_of

QUESTION = [{"role": "user", "content": "Is it cold?"}]
CALLS = [Call("m", QUESTION, "proposer", index) for index in range(3)]
EARNED_BY = SpanContext(trace_id=7, span_id=9, is_remote=False)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(panel, "_memory", Memory(clock=clock))
    return clock


def reply(text, call):
    message = {"role": "assistant", "content": text}
    response = litellm.ModelResponse(choices=[{"index": 0, "finish_reason": "stop", "message": message}])
    return Reply(call, Answer(response, choices_of(response), None, None), EARNED_BY)


def kept(*texts, call_id, key="key"):
    asked = Panel(key)
    asked.hear("stage", CALLS, [reply(text, call) for text, call in zip(texts, CALLS, strict=False) if text])
    asked.keep([call_id])


def texts(call_id, calls=CALLS, stage="stage"):
    found = Panel.of("key", asked_before=True, call_ids=[call_id])
    replies = found.replayed(stage, calls)
    return replies and [(answer.index, answer.text) for answer in replies]


def test_ids_of_the_calls_tell_equal_questions_apart():
    kept("A", "B", "C", call_id="call_1")
    kept("D", "E", "F", call_id="call_2")

    assert texts("call_1") == [(0, "A"), (1, "B"), (2, "C")]
    assert texts("call_2") == [(0, "D"), (1, "E"), (2, "F")]
    assert texts("changed by the client") == [(0, "D"), (1, "E"), (2, "F")]


def test_who_did_not_answer_is_missing_again():
    kept("A", None, "C", call_id="call_1")

    assert texts("call_1") == [(0, "A"), (2, "C")]


def test_an_answer_leads_to_the_call_that_was_paid_for():
    kept("A", call_id="call_1")

    [answer] = Panel.of("key", asked_before=True, call_ids=["call_1"]).replayed("stage", CALLS)
    assert (answer.span_context.trace_id, answer.span_context.span_id) == (7, 9)
    assert answer.answer.usage is None


def test_another_fan_out_is_not_answered_with_these_words():
    kept("A", "B", "C", call_id="call_1")

    assert texts("call_1", stage="other stage") is None
    assert texts("call_1", calls=CALLS[:2]) is None
    assert texts("call_1", calls=[*CALLS[:2], Call("m", [*QUESTION, *QUESTION], "proposer", 2)]) is None


def test_it_lasts_as_long_as_the_client_goes_on(clock):
    kept("A", "B", "C", call_id="call_1")
    for _ in range(3):
        clock.now += TTL_S - 1
        assert texts("call_1")

    clock.now += TTL_S
    assert texts("call_1") is None
    assert Panel.of("key", asked_before=True, call_ids=["call_1"]).use == "miss"


def test_nothing_is_kept_where_no_request_can_follow():
    asked = Panel("key")
    asked.hear("stage", CALLS, [reply("A", CALLS[0])])
    asked.keep([])
    without_key = Panel(None)
    without_key.hear("stage", CALLS, [reply("A", CALLS[0])])
    without_key.keep(["call_1"])

    assert texts("call_1") is None
