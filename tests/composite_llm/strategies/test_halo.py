"""Subtasks searched as trees of judged answers, over real HTTP; whatever a judge says, it ends."""

import json
import re

import litellm
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import composite_llm
from composite_llm import conventions as c
from composite_llm.strategies.registry import STRATEGIES
from tests.composite_llm.strategies.asked import QUESTION, ask, calls, noted, planned, shown, text, used
from tests.outline import outline
from tests.scripted_answers import script
from tests.streams import Streamed

pytestmark = pytest.mark.usefixtures("simulator")

TWO = (
    '{"roles": [{"name": "algebraist", "prompt": "You solve."}, {"name": "sceptic", "prompt": "You doubt."}]}'
)


def kind(request):
    wanted = (request.json_schema or {}).get("properties", {})
    if "subtask" in wanted:
        return "plan"
    if "roles" in wanted:
        return "design"
    if "verdict" in wanted:
        return "judge"
    return "write" if "worked on in steps" in request.messages[-1].content else "solve"


def plans(*subtasks):
    """These, and then the end."""
    said = iter([json.dumps({"subtask": subtask}) for subtask in subtasks])
    return lambda request: next(said, '{"done": true}')


def judges(**scores):
    """By what an answer says: its verdict and score."""

    def judge(request):
        [answer] = shown(request).values()
        verdict, score = scores[re.sub(r"\W", "", answer)]
        return json.dumps({"verdict": verdict, "score": score})

    return judge


def scripted(monkeypatch, *, plan, solve, judge, design=TWO, write="The answer."):
    told = {"plan": plan, "design": design, "solve": solve, "judge": judge, "write": write}

    def says(request):
        said = told[kind(request)]
        return said(request) if callable(said) else said

    return script(monkeypatch, says)


def solved_by(role_answers):
    """By the role's prompt and by how many answers it goes on from."""

    def solve(request):
        role = request.messages[0].content if request.messages[0].role == "system" else ""
        return role_answers[role][sum(message.role == "assistant" for message in request.messages)]

    return solve


def test_a_subtask_is_searched_and_the_best_of_it_written_up(monkeypatch, spans):
    heard = scripted(
        monkeypatch,
        plan=plans("Multiply 6 by 7."),
        solve=solved_by({"You solve.": ["A1", "A2"], "You doubt.": ["B1", "B2"]}),
        judge=judges(A1=("continue", 0.6), B1=("continue", 0.2), A2=("success", 1.0), B2=("fail", 0.0)),
    )
    assert text(ask("halo")) == "The answer."
    stages, made = [], []
    for line in outline(spans.get_finished_spans()).splitlines():
        (stages if "stage" in line else made).append(line.strip())
    assert stages == [
        "stage halo.plan1",
        "stage halo.roles1",
        "stage halo.search1.1",
        "stage halo.search1.2",
        "stage halo.plan2",
        "stage halo.answer",
    ]
    assert sorted(made) == [
        "chat gpt-4o (designer)",
        *["chat gpt-4o (judge)"] * 4,
        *["chat gpt-4o (planner)"] * 2,
        *["chat gpt-4o (solver)"] * 4,
        "chat gpt-4o (writer)",
        "invoke_workflow composite/halo",
    ]
    last = heard[-1].messages[-1].content
    assert last.endswith("1. A2")
    going_on = next(
        request
        for request in heard
        if kind(request) == "solve" and any(message.role == "assistant" for message in request.messages)
    )
    assert [message.role for message in going_on.messages] == ["system", "user", "assistant", "user"]
    assert going_on.messages[2].content == "A1"


def test_the_tree_is_on_the_stage(monkeypatch, spans):
    """A1 0.6 and B1 0.2; below A1 A2 1.0 and B2 0.0: A1's value is (0.6 + 1 + 0)/3."""
    scripted(
        monkeypatch,
        plan=plans("Multiply."),
        solve=solved_by({"You solve.": ["A1", "A2"], "You doubt.": ["B1", "B2"]}),
        judge=judges(A1=("continue", 0.6), B1=("continue", 0.2), A2=("success", 1.0), B2=("fail", 0.0)),
    )
    ask("halo")
    found = noted(spans, "halo.search1.2")
    nodes = json.loads(found[c.HALO_NODES])
    assert {
        node["node"]: (node["parent"], node["role"], node["verdict"], node["score"], node["visits"])
        for node in nodes
    } == {
        1: (0, "algebraist", "continue", 0.6, 3),
        2: (0, "sceptic", "continue", 0.2, 1),
        3: (1, "algebraist", "success", 1.0, 1),
        4: (1, "sceptic", "fail", 0.0, 1),
    }
    assert next(node["value"] for node in nodes if node["node"] == 1) == pytest.approx(1.6 / 3)
    assert json.loads(found[c.HALO_CHOSEN]) == [1, 3]
    assert (found[c.HALO_SUBTASK], found[c.HALO_SIMULATION], found[c.STAGE_KIND]) == (1, 2, "deliberate")
    end = noted(spans, "halo.answer")
    assert (end[c.HALO_SUBTASKS], end[c.HALO_STOPPED_BY]) == (1, "planner")


def test_a_success_ends_the_search_of_its_subtask(monkeypatch, spans):
    """Plan, roles, two answers, two verdicts, the plan's end, the answer."""
    heard = scripted(
        monkeypatch, plan=plans("Multiply."), solve="42", judge='{"verdict": "success", "score": 1}'
    )
    ask("halo", simulations=5)
    assert len(heard) == 1 + 1 + 2 + 2 + 1 + 1


def test_equal_results_one_after_the_other_end_the_work(monkeypatch, spans):
    heard = scripted(
        monkeypatch,
        plan=plans("One way.", "Another way.", "A third way."),
        solve="<<<42>>>",
        judge='{"verdict": "success", "score": 1}',
    )
    ask("halo")
    assert noted(spans, "halo.answer")[c.HALO_STOPPED_BY] == "agreement"
    assert sum(kind(request) == "plan" for request in heard) == 2


def test_later_subtasks_read_what_was_found(monkeypatch, spans):
    said = iter(["six", "six", "seven", "seven"])
    heard = scripted(
        monkeypatch,
        plan=plans("First.", "Second."),
        solve=lambda request: next(said),
        judge='{"verdict": "success", "score": 1}',
    )
    ask("halo", subtasks=2)
    second = [request for request in heard if kind(request) == "solve"][2]
    assert second.messages[-1].content.endswith("What was found before:\n1. six")
    assert heard[-1].messages[-1].content.endswith("1. six\n\n2. seven")
    assert noted(spans, "halo.answer")[c.HALO_STOPPED_BY] == "subtasks"


@pytest.mark.parametrize("most", [8, 9, 12, 17, 30, 60])
def test_never_more_calls_than_allowed_whatever_the_judge_says(monkeypatch, spans, most):
    """The original did not end with a judge that always wants more; and here each of its verdicts is asked for twice."""
    heard = scripted(
        monkeypatch,
        plan=lambda request: '{"subtask": "More."}',
        solve="Hm.",
        judge="no JSON at all",
        design="none",
    )
    response = ask("halo", most_calls=most, subtasks=10, simulations=10, max_depth=6, specialists=8)
    assert len(heard) <= most
    assert text(response) == "The answer."


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    verdicts=st.lists(
        st.sampled_from(
            [
                '{"verdict": "continue", "score": 0.5}',
                '{"verdict": "fail", "score": 0}',
                '{"verdict": "success", "score": 1}',
                '{"verdict": "perhaps", "score": 2}',
                "",
            ]
        ),
        min_size=1,
        max_size=6,
    ),
    most=st.integers(8, 24),
    roles=st.integers(1, 4),
)
def test_it_ends_within_its_calls_for_any_judge(verdicts, most, roles):
    asked = 0

    def judge(request):
        nonlocal asked
        asked += 1
        return verdicts[asked % len(verdicts)] or {"fault": "401"}

    with pytest.MonkeyPatch.context() as patch:
        heard = scripted(patch, plan=lambda request: '{"subtask": "More."}', solve="Hm.", judge=judge)
        assert text(ask("halo", most_calls=most, specialists=roles, stop_on_agreement=False)) == "The answer."
    assert len(heard) <= most


def test_what_cannot_be_read_has_a_default(monkeypatch, spans):
    """No plan: the question is the subtask. No roles: one without a prompt. No verdict: worth 0, and goes on."""
    heard = scripted(monkeypatch, plan="?", solve="42", judge="?", design="?")
    ask("halo", subtasks=1)
    [first, second] = [request for request in heard if kind(request) == "solve"]
    assert QUESTION[0]["content"] in first.messages[0].content
    assert first.messages[0].role == "user"
    assert [message.role for message in second.messages] == ["user", "assistant", "user"]
    [one, two] = json.loads(noted(spans, "halo.search1.2")[c.HALO_NODES])
    assert (one["score"], one["verdict"], two["parent"]) == (0.0, "continue", 1)


def test_where_no_specialist_answers_the_question_is_answered_as_it_is(monkeypatch, spans):
    heard = scripted(
        monkeypatch,
        plan=plans("Multiply."),
        solve=lambda request: (
            "Plainly 42."
            if len(request.messages) == 1 and request.body["messages"] == QUESTION
            else {"fault": "401"}
        ),
        judge="{}",
    )
    response = ask("halo", subtasks=1)
    assert text(response) == "Plainly 42."
    assert heard[-1].body["messages"] == QUESTION
    assert "no subtask came to a result" in " ".join(composite_llm.receipt(response).degraded)


def test_with_refine_all_start_from_the_question_in_full(monkeypatch, spans):
    told = {
        "plan": '{"done": true}',
        "design": TWO,
        "judge": '{"verdict": "success", "score": 1}',
        "write": "42",
        "solve": "42",
    }

    def says(request):
        if "somebody who has not read it" in request.messages[-1].content:
            return "A product is wanted."
        return told[kind(request)]

    heard = script(monkeypatch, says)
    ask("halo", refine=True, subtasks=1)
    assert "A product is wanted.\n\nYou plan the work" in heard[1].messages[-1].content


def test_the_answer_streams_and_its_last_chunk_tells_the_whole_bill(monkeypatch, spans):
    """A plan, roles, two answers and two verdicts of (100+10) each, and (300+30) for the answer."""
    scripted(
        monkeypatch,
        plan=lambda request: used('{"subtask": "Multiply."}', 100, 10),
        design=used(TWO, 100, 10),
        solve=used("42", 100, 10),
        judge=used('{"verdict": "success", "score": 1}', 100, 10),
        write=used("The whole answer.", 300, 30),
    )
    streamed = Streamed(list(ask("halo", subtasks=1, stream=True, stream_options={"include_usage": True})))
    assert streamed.text == "The whole answer."
    assert (streamed.usage.prompt_tokens, streamed.usage.completion_tokens) == (900, 90)


def test_what_was_planned_bounds_what_is_made(spans):
    """On the simulator, whose verdicts are drawn by chance."""
    for most in (12, 30):
        ask("halo", most_calls=most)
        least, planned_most = planned("halo", most_calls=most)
        made = len(calls(spans))
        spans.clear()
        assert min(least, made) <= made <= planned_most == most


def test_it_is_marked_as_experimental():
    assert [name for name, each in STRATEGIES.items() if each.experimental] == ["halo"]


@pytest.mark.parametrize(
    ("given", "said"),
    [({"most_calls": 3}, "most_calls"), ({"specialists": 0}, "specialists"), ({"subtask": 2}, "subtask")],
)
def test_what_is_wrong_is_said_before_anything_is_asked(monkeypatch, given, said):
    heard = script(monkeypatch, lambda request: None)
    with pytest.raises(litellm.BadRequestError, match=said):
        ask("halo", **given)
    assert not heard
