"""Samples of one model that a judge marks, over real HTTP."""

import json

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.errors import BadRequest
from composite_llm.request.reading import read_request
from tests.composite_llm.strategies.asked import (
    GPT,
    MINI,
    QUESTION,
    SONNET,
    ask,
    by_index,
    calls,
    marks,
    noted,
    planned,
    shown,
    text,
    used,
)
from tests.outline import outline
from tests.scripted_answers import script

pytestmark = pytest.mark.usefixtures("simulator")


def test_the_best_mark_wins(monkeypatch, spans):
    scores = {"41": 3, "42": 9.5, "About 40.": 4}
    heard = script(monkeypatch, by_index(*scores, judge=marks(scores)))
    response = ask("best_of_n", judge_model=SONNET)

    assert text(response) == "42"
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/best_of_n
  stage best_of_n.samples
    chat gpt-4o (sample)
    chat gpt-4o (sample)
    chat gpt-4o (sample)
  stage best_of_n.scores
    chat claude-sonnet-4-5 (judge)
    chat claude-sonnet-4-5 (judge)
    chat claude-sonnet-4-5 (judge)"""
    )
    found = noted(spans, "best_of_n.scores")
    assert found[c.STAGE_KIND] == "rank"
    assert json.loads(found[c.BEST_OF_N_SCORES]) == {"0": 3.0, "1": 9.5, "2": 4.0}
    assert (found[c.BEST_OF_N_SPREAD], found[c.BEST_OF_N_WINNER]) == (6.5, 1)
    samples, judges = heard[:3], heard[3:]
    assert [request.body["temperature"] for request in samples] == [1.0] * 3
    assert [request.body["temperature"] for request in judges] == [0.1] * 3
    for judge in judges:  # each reads one answer, and nothing of the others
        assert len(shown(judge)) == 1
    assert [len(span.links) for span in calls(spans, "judge")] == [1, 1, 1]


def test_samples_and_marks_are_all_paid_for(monkeypatch, spans):
    """gpt-4o-mini is $0.15 and $0.60 a million: 2 · (1000 · 0.15 + 100 · 0.6) / 10⁶ = $0.00042; gpt-4o is $2.50 and
    $10: 2 · (1200 · 2.5 + 20 · 10) / 10⁶ = $0.0064."""
    answers = [used("41", 1000, 100), used("42", 1000, 100)]

    def judge(request):
        return used('{"score": 5}', 1200, 20)

    script(monkeypatch, by_index(*answers, judge=judge))
    response = ask("best_of_n", model=MINI, samples=2, judge_model="sim/openai/gpt-4o")

    assert response._hidden_params["response_cost"] == pytest.approx(0.00682)
    assert response.usage.prompt_tokens == 2 * 1000 + 2 * 1200
    assert response.usage.completion_tokens == 2 * 100 + 2 * 20


def test_of_equal_marks_the_sample_asked_first_wins(monkeypatch, spans):
    script(monkeypatch, by_index("a", "b", "c", judge=marks({"a": 4, "b": 8, "c": 8})))
    assert text(ask("best_of_n")) == "b"


@pytest.mark.parametrize(
    "unread",
    ["Excellent!", '{"score": 11}', '{"score": -1}', '{"score": true}', '{"score": NaN}', '{"score": null}', "{" * 900],
)  # fmt: skip
def test_an_answer_without_a_mark_is_behind_all_others(monkeypatch, spans, unread):
    def judge(request):
        first = request if len(request.messages) == 1 else None
        asked_about = str([message.content for message in request.messages])
        return unread if "good" in asked_about or first is None else '{"score": 0}'

    heard = script(monkeypatch, by_index("good", "bad", judge=judge))
    response = ask("best_of_n", samples=2)

    assert text(response) == "bad"
    found = noted(spans, "best_of_n.scores")
    assert json.loads(found[c.BEST_OF_N_SCORES]) == {"0": None, "1": 0.0}
    assert composite_llm.receipt(response).degraded == ["best_of_n.scores: 1 of 2 answers have no mark"]
    assert len(heard) == 2 + 2 + 1  # the unreadable one was asked for once more


def test_a_mark_that_is_put_right_counts(monkeypatch, spans):
    def judge(request):
        if len(request.messages) == 1:
            return "9 of 10"
        return '{"score": 9}' if "b" in shown_first(request) else '{"score": "7.5"}'

    def shown_first(request):
        return request.messages[0].content.split(">\n")[1].split("\n</")[0]

    heard = script(monkeypatch, by_index("a", "b", judge=judge))
    assert text(ask("best_of_n", samples=2)) == "b"
    assert json.loads(noted(spans, "best_of_n.scores")[c.BEST_OF_N_SCORES]) == {"0": 7.5, "1": 9.0}
    assert len(heard) == 6 == planned("best_of_n", samples=2)[1]


def test_where_no_judge_answers_the_first_sample_is_given_out(monkeypatch, spans):
    heard = script(monkeypatch, by_index("a", "b", judge=lambda request: {"fault": "400"}))
    response = ask("best_of_n", samples=2)

    assert text(response) == "a"
    assert "2 of 2 answers have no mark" in str(composite_llm.receipt(response).degraded)
    assert c.BEST_OF_N_SPREAD not in noted(spans, "best_of_n.scores")
    assert len(heard) == 4


@pytest.mark.parametrize("samples", [1, 2, 5])
def test_as_many_calls_are_made_as_were_planned(monkeypatch, spans, samples):
    scores = {str(index): index for index in range(samples)}
    heard = script(monkeypatch, by_index(*scores, judge=marks(scores)))
    assert text(ask("best_of_n", samples=samples)) == str(samples - 1)
    assert len(heard) == planned("best_of_n", samples=samples)[0] == (2 * samples if samples > 1 else 1)


def test_one_sample_out_of_several_is_not_marked(monkeypatch, spans):
    heard = script(monkeypatch, by_index("a", {"fault": "401"}))
    assert text(ask("best_of_n", samples=2)) == "a"
    assert len(heard) == 2


def test_the_judge_goes_by_the_callers_criteria_or_prompt(monkeypatch, spans):
    heard = script(monkeypatch, by_index("a", "b", judge=lambda request: '{"score": 1}'))
    ask("best_of_n", samples=2, criteria="Does it rhyme?")
    assert "Does it rhyme?" in heard[-1].messages[-1].content
    ask("best_of_n", samples=2, prompts={"score": "Mark {{answer}}!", "answer": "Be brief."})
    assert heard[-1].messages[-1].content.endswith("!\n\nis it correct, does it do all that was asked, and can it be used as it stands?")  # fmt: skip
    assert heard[-3].messages[0].content == "Be brief."


async def test_a_judge_that_never_answers_takes_half_of_the_time_and_loses_nothing(monkeypatch, spans, clock):
    endless = {"content": "", "delay_s": 36_000}
    heard = script(monkeypatch, by_index("a", "b", judge=lambda request: endless))
    with clock.passing(401, once=lambda: len(heard) == 4):
        response = await litellm.acompletion(
            f"composite/best_of_n/{GPT}", QUESTION, seed=0, samples=2, hard_timeout_s=800, timeout=6000
        )

    assert text(response) == "a"
    assert [span.attributes[c.CALL_OUTCOME] for span in calls(spans, "judge")] == ["cancelled"] * 2
    assert composite_llm.receipt(response).cost_status == "partial"


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"n_samples": 3}, "has no parameter 'n_samples'"),
        ({"samples": 0}, "samples: input should be greater than or equal to 1"),
        ({"criteria": ""}, "criteria: string should have at least 1 character"),
        ({"judge_temperature": 3}, "judge_temperature: input should be less than or equal to 2"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(parameters, sentence):
    with pytest.raises(BadRequest) as error:
        read_request("best_of_n/openai/gpt-4o", parameters)
    assert sentence in str(error.value)


def test_a_judge_nobody_knows_stops_it_before_the_first_call(monkeypatch, spans):
    heard = script(monkeypatch, by_index("a", "b"))
    with pytest.raises(litellm.BadRequestError, match="names no provider"):
        ask("best_of_n", samples=2, judge_model="nobody-1")
    assert heard == []
