"""Several models answer and one picks, over real HTTP."""

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
    SONNET,
    ask,
    by_index,
    calls,
    noted,
    picks,
    planned,
    shown,
    text,
)
from tests.outline import outline
from tests.scripted_answers import script

pytestmark = pytest.mark.usefixtures("simulator")

THREE = [MINI, SONNET, f"{MINI} × 1"]


def test_the_judge_reads_all_under_letters_and_its_pick_is_given_out(monkeypatch, spans):
    heard = script(monkeypatch, by_index("Air.", "Light.", "Water.", judge=picks("Light")))
    response = ask("judge", candidates=THREE)

    assert text(response) == "Light."
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/judge
  stage judge.answers
    chat gpt-4o-mini (candidate)
    chat claude-sonnet-4-5 (candidate)
    chat gpt-4o-mini (candidate)
  stage judge.verdict
    chat gpt-4o (judge)"""
    )
    found = noted(spans, "judge.verdict")
    assert found[c.JUDGE_WINNER] == 1
    order = json.loads(found[c.JUDGE_ORDER])
    assert [["Air.", "Light.", "Water."][index] for index in order] == list(shown(heard[-1]).values())
    prompt = heard[-1].messages[-1].content
    assert "gpt" not in prompt
    assert "claude" not in prompt
    assert "temperature" not in heard[0].body
    assert len(calls(spans, "judge")[0].links) == 3


def test_pairs_are_judged_in_both_orders_and_who_wins_both_wins(monkeypatch, spans):
    """This judge likes Light, and of other pairs the first: Light has 2 points, Air and Water half a one each."""

    def judge(request):
        answers = shown(request)
        liked = [letter for letter, answer in answers.items() if answer == "Light."]
        return json.dumps({"choice": (liked or ["A"])[0]})

    heard = script(monkeypatch, by_index("Air.", "Light.", "Water.", judge=judge))
    response = ask("judge", candidates=THREE, method="pairwise")

    assert text(response) == "Light."
    found = noted(spans, "judge.verdict")
    assert json.loads(found[c.JUDGE_DUELS]) == [
        {"one": 0, "other": 1, "as_asked": 1, "swapped": 1},
        {"one": 0, "other": 2, "as_asked": 0, "swapped": 2},
        {"one": 1, "other": 2, "as_asked": 1, "swapped": 1},
    ]
    assert found[c.JUDGE_FLIP_RATE] == pytest.approx(1 / 3)
    assert (found[c.JUDGE_WINNER], len(heard)) == (1, 3 + 6)
    assert sorted("/".join(shown(request).values()) for request in heard[3:]) == [
        "Air./Light.",
        "Air./Water.",
        "Light./Air.",
        "Light./Water.",
        "Water./Air.",
        "Water./Light.",
    ]
    assert composite_llm.receipt(response).degraded == []


@pytest.mark.parametrize("method", ["list", "pairwise"])
@pytest.mark.parametrize("verdict", ["The second.", '{"choice": "Q"}', {"fault": "400"}, {"fault": "empty"}])
def test_without_a_verdict_the_first_answer_is_given_out(monkeypatch, spans, method, verdict):
    script(monkeypatch, by_index("Air.", "Light.", judge=lambda request: verdict))
    response = ask("judge", candidates=[MINI, SONNET], method=method)

    assert text(response) == "Air."
    assert "no verdict could be read" in str(composite_llm.receipt(response).degraded)
    assert c.JUDGE_FLIP_RATE not in noted(spans, "judge.verdict")


def test_a_pair_with_one_verdict_is_a_draw_and_said(monkeypatch, spans):
    """Only where Air stands first it is judged: for Light. Half a point each, and Air was asked first."""

    def judge(request):
        first = next(iter(shown(request).values()), "")
        return picks("Light")(request) if first == "Air." else "Neither."

    script(monkeypatch, by_index("Air.", "Light.", judge=judge))
    response = ask("judge", candidates=[MINI, SONNET], method="pairwise")
    assert text(response) == "Air."
    assert composite_llm.receipt(response).degraded == [
        "judge.verdict: 1 of 1 pairs were not judged in both orders"
    ]


def test_candidates_that_fail_are_left_out_and_a_lone_one_is_not_judged(monkeypatch, spans):
    heard = script(monkeypatch, by_index({"fault": "401"}, "Light.", {"fault": "401"}))
    response = ask("judge", candidates=THREE)
    assert text(response) == "Light."
    assert len(heard) == 3
    assert composite_llm.receipt(response).degraded == ["judge.answers: 1 of 3 answered"]


def test_a_winner_after_one_that_failed_is_told_by_its_own_index(monkeypatch, spans):
    script(monkeypatch, by_index({"fault": "401"}, "Air.", "Light.", judge=picks("Light")))
    assert text(ask("judge", candidates=THREE)) == "Light."
    found = noted(spans, "judge.verdict")
    assert found[c.JUDGE_WINNER] == 2
    assert sorted(json.loads(found[c.JUDGE_ORDER])) == [1, 2]


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("method", ["list", "pairwise"])
def test_as_many_calls_are_made_as_were_planned(monkeypatch, spans, count, method):
    given = {"candidates": [f"{MINI} × {count}"], "method": method}
    heard = script(monkeypatch, by_index(*"abcd", judge=lambda request: '{"choice": "A"}'))
    ask("judge", **given)
    verdicts = count * (count - 1) if method == "pairwise" else min(1, count - 1)
    assert len(heard) == count + verdicts == planned("judge", **given)[0]


def test_a_judge_may_be_kept_from_judging_itself(monkeypatch, spans):
    heard = script(monkeypatch, by_index("a", "b"))
    with pytest.raises(litellm.BadRequestError, match="openai/gpt-4o would judge its own answer"):
        ask("judge", candidates=[GPT, MINI], exclude_candidates=True)
    assert heard == []
    script(monkeypatch, by_index("a", "b", judge=picks("b")))
    given = {"candidates": [GPT, MINI], "exclude_candidates": True, "judge_model": SONNET}
    assert text(ask("judge", **given)) == "b"


def test_candidates_have_roles_and_the_judge_a_rubric(monkeypatch, spans):
    heard = script(monkeypatch, by_index("a", "b", judge=picks("b")))
    ask("judge", candidates=[{"model": MINI, "role": "You doubt.", "temperature": 0.2}, SONNET], rubric="Is it short?")  # fmt: skip
    first = next(request for request in heard if request.model.endswith("gpt-4o-mini"))
    assert (first.messages[0].content, first.body["temperature"]) == ("You doubt.", 0.2)
    assert "Is it short?" in heard[-1].messages[-1].content


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({}, "candidates"),
        ({"candidates": []}, "candidates is required, such as candidates=["),
        ({"candidates": ["openai/gpt-4o"], "method": "elo"}, "method: input should be 'list' or 'pairwise'"),
        ({"candidates": ["openai/gpt-4o"], "rubric": ""}, "rubric: string should have at least 1 character"),
        (
            {"candidates": ["openai/gpt-4o"], "judge_model": "sim/openai/gpt-4o", "exclude_candidates": True},
            "judge_model: sim/openai/gpt-4o would judge its own answer",
        ),
        ({"candidats": ["openai/gpt-4o"]}, "Did you mean 'candidates'?"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(parameters, sentence):
    with pytest.raises(BadRequest) as error:
        read_request("judge/openai/gpt-4o", parameters)
    assert sentence in str(error.value)
