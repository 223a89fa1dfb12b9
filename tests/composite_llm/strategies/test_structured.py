"""JSON of a given shape from models, over real HTTP."""

import litellm
import pytest

from composite_llm import conventions as c
from composite_llm.engine.run import Call
from composite_llm.strategies.direct import Parameters
from composite_llm.strategies.parts.structured import Shape, each_in_shape, read
from composite_llm.strategies.registry import STRATEGIES, strategy
from tests.scripted_answers import script


class Verdict(Shape):
    good: bool
    why: str = ""


@pytest.fixture
def judged(simulator):
    """`composite/judged/…`: the model judges twice; the found verdicts."""
    found = []

    @strategy("judged", Parameters)
    async def judged(run, parameters):
        async with run.stage("verify", "judged.verdicts") as stage:
            calls = [Call(run.model, run.messages, "judge") for _ in range(2)]
            found.extend(await each_in_shape(stage, calls, Verdict))
            return await stage.final(Call(run.model, run.messages, "writer"))

    yield found
    del STRATEGIES["judged"]


def ask():
    question = [{"role": "user", "content": "Good?"}]
    return litellm.completion("composite/judged/sim/openai/gpt-4o", question)


def test_what_is_of_the_shape_is_asked_for_once(judged, spans, monkeypatch):
    heard = script(monkeypatch, lambda request: 'Well: {"good": true, "more": 1} I say.')
    ask()

    assert judged == [Verdict(good=True), Verdict(good=True)]
    assert len(heard) == 3
    schema = heard[0].body["response_format"]["json_schema"]["schema"]
    assert schema["properties"].keys() == {"good", "why"}
    assert schema["additionalProperties"] is False


def test_what_is_not_is_asked_for_once_more_and_told_why(judged, spans, monkeypatch):
    def says(request):
        if len(request.messages) == 1:
            return '{"good": "perhaps"}'
        return '{"good": false}'

    heard = script(monkeypatch, says)
    ask()

    assert judged == [Verdict(good=False), Verdict(good=False)]
    repaired = [request for request in heard if len(request.messages) == 3]
    assert len(repaired) == 2
    for request in repaired:
        assert [message.role for message in request.messages] == ["user", "assistant", "user"]
        assert "good: Input should be a valid boolean" in request.messages[-1].content


def test_what_never_is_of_the_shape_is_nothing(judged, spans, monkeypatch):
    heard = script(monkeypatch, lambda request: "No JSON from me.")
    ask()

    assert judged == [None, None]
    assert len(heard) == 5
    roles = [span.attributes.get(c.CALL_ROLE) for span in spans.get_finished_spans()]
    assert (roles.count("judge"), roles.count("writer")) == (4, 1)
    [stage] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.STAGE]
    assert stage.attributes[c.ROLLUP_CALLS] == 5


def test_who_does_not_answer_is_nothing_and_stops_nobody(judged, spans, monkeypatch):
    script(monkeypatch, lambda request: {"fault": "400"} if request.json_schema else "Fine.")
    assert ask().choices[0].message.content == "Fine."
    assert judged == [None, None]


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", '{"good": 1e999}', "{" * 5000, '{"good": null}'])
def test_what_is_no_such_object_is_none(text):
    assert read(text, Verdict) is None


def test_the_simulator_answers_in_any_shape(judged, spans):
    ask()
    assert [type(each) for each in judged] == [Verdict, Verdict]
