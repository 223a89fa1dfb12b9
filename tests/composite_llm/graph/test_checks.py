"""What is wrong with a mode is found when it is read, with file, line and field."""

import pytest

from composite_llm.graph.conditions import NUMBER, TEXT, TRUTH, BadCondition, check, holds
from composite_llm.graph.verdicts import Verdict, read_verdict
from composite_llm.profiles import library

HEAD = "profiles:\n  m:\n    model: openai/gpt-4o\n    steps:\n"
FAN = "      fan: {fanout: [openai/gpt-4o-mini × 2]}\n"
DRAFT = "      draft: {synthesize: fan}\n"


@pytest.fixture
def said(tmp_path, monkeypatch):
    """What is said of a mode with these steps (from line 5 of its file on) and this final step."""
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(tmp_path))

    def of(steps, final="draft"):
        file = tmp_path / "m.yaml"
        last = f"    final: {final}\n" if final else ""
        file.write_text(HEAD + steps + last)
        return [str(each).removeprefix(f"{file}:") for each in library().all_problems]

    return of


def test_a_mode_that_is_right_has_no_problems(said):
    assert said(FAN + DRAFT) == []


@pytest.mark.parametrize(
    ("steps", "final", "expected"),
    [
        (FAN + "      draft: {synthesise: fan}\n", "draft", "6: profiles.m.steps.draft: "),
        (FAN + "      draft: {synthesize: fan, vote: fan}\n", "draft", "6: profiles.m.steps.draft: "),
        (FAN + "      draft: {synthesize: fna}\n", "draft", "6: profiles.m.steps.draft.synthesize: "),
        (FAN + "      draft: {synthesize: fan, models: x}\n", "draft", "6: profiles.m.steps.draft.models: "),
        (FAN + DRAFT, None, "2: profiles.m.final: is required"),
        (FAN + DRAFT, "answer", "7: profiles.m.final: there is no step 'answer'"),
        (FAN + DRAFT, "fan", "6: profiles.m.steps.draft: "),
        (FAN, "fan", "6: profiles.m.final: 'fan' is several answers"),
        (
            "      a: {synthesize: b}\n      b: {synthesize: a}\n",
            "a",
            "5: profiles.m.steps.a: goes in a circle: a reads b reads a",
        ),
        (
            "      a: {base_call: '{{a}}'}\n",
            "a",
            "5: profiles.m.steps.a: goes in a circle: a reads a",
        ),
        (FAN + DRAFT + "      idle: {base_call: null}\n", "draft", "7: profiles.m.steps.idle: "),
        (FAN + "      draft: {reflect: fan}\n", "draft", "6: profiles.m.steps.draft.reflect: "),
        (FAN + "      draft: {base_call: '{{fann}}'}\n", "draft", "6: profiles.m.steps.draft.base_call: "),
        (
            FAN + "      draft: {base_call: '{{fan.score}}'}\n",
            "draft",
            "6: profiles.m.steps.draft.base_call: ",
        ),
        ("      draft: {fanout: []}\n", "draft", "5: profiles.m.steps.draft.fanout: "),
        (
            "      draft: {fanout: [{model: openai/gpt-4o, temp: 1}]}\n",
            "draft",
            "5: profiles.m.steps.draft.fanout.0.temp",
        ),
        ("      Draft: {base_call: null}\n", "Draft", "5: profiles.m.steps.Draft"),
        (
            "      draft: {base_call: null, model: acme-1}\n",
            "draft",
            "4: profiles.m.steps: 'acme-1' names no provider",
        ),
    ],
)
def test_each_mistake_is_named_by_line_and_field(said, steps, final, expected):
    problems = said(steps, final)

    assert any(problem.startswith(expected) for problem in problems), problems


def test_a_slip_in_a_kind_is_answered_with_the_nearest(said):
    [problem] = said(FAN + "      draft: {synthesise: fan}\n")

    assert "did you mean 'synthesize'?" in problem


LOOP = """\
      draft: {base_call: null}
      answer:
        loop_until: %s
        max_rounds: 3
        start: draft
        steps:
          better: {base_call: "Mend {{answer}}"}
          check: {score: better}
        result: better
"""


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            "check.score",
            "7: profiles.m.steps.answer.loop_until: 'check.score' is a value",
        ),
        ("check.scor > 8", "unknown attribute: 'scor'"),
        ("chek.score > 8", "unknown symbol: 'chek'"),
        ("check.score > 'eight'", "data type mismatch"),
        ("check.score >", "syntax error"),
        ("__import__('os').system('true')", "is no condition here"),
        ("check.__class__", "unknown attribute"),
    ],
)
def test_a_condition_is_checked_before_it_is_ever_asked(said, condition, expected):
    [problem] = said(LOOP % f'"{condition}"', "answer")

    assert expected in problem


def test_a_loop_without_an_end_is_refused(said):
    problems = said((LOOP % "check.score > 8").replace("        max_rounds: 3\n", ""), "answer")

    assert problems == ["6: profiles.m.steps.answer.max_rounds: is required"]
    [problem] = said((LOOP % "check.score > 8").replace("rounds: 3", "rounds: 1000"), "answer")
    assert problem.startswith("8: profiles.m.steps.answer.max_rounds: ")


def test_a_loop_that_reads_itself_needs_something_to_start_from(said):
    problems = said((LOOP % "check.score > 8").replace("        start: draft\n", ""), "answer")

    assert any("'answer' would stand for nothing" in problem for problem in problems), problems


def test_a_step_inside_a_loop_that_nothing_needs_is_said_to_be_idle(said):
    [problem] = said(LOOP % "better.count > 8", "answer")

    assert problem.startswith("12: profiles.m.steps.answer.steps.check: ")


@pytest.mark.parametrize(
    "inside",
    [
        "{if: rated.score >= 5, then: shorter, else: longer}",
        "{loop_until: rated.score >= 5, max_rounds: 2, steps: {a: {synthesize: [shorter, longer]}}, result: a}",
    ],
)
def test_a_condition_inside_a_loop_may_ask_about_a_step_outside_of_it(said, inside):
    loop = (
        "      rated: {score: draft}\n"
        "      answer:\n"
        "        {loop_until: better.count >= 1, max_rounds: 2, steps: {\n"
        "          shorter: {base_call: Briefly.},\n"
        "          longer: {base_call: At length.},\n"
        f"          better: {inside}}}, result: better}}\n"
    )
    assert said(FAN + DRAFT + loop, final="answer") == []


def test_branches_that_go_in_a_circle_are_found(said):
    steps = (
        FAN
        + "      a: {if: fan.count > 1, then: b, else: fan}\n      b: {if: fan.count > 1, then: a, else: fan}\n"
    )

    assert any("goes in a circle: a reads b reads a" in problem for problem in said(steps, "a"))


KNOWN = {"check": {"score": NUMBER, "text": TEXT}, "done": {"satisfied": TRUTH}}


def test_conditions_compare_what_steps_came_to():
    values = {"check": {"score": 8.0, "text": "so it is"}, "done": {"satisfied": False}}

    assert check("check.score >= 8 and not done.satisfied", KNOWN) == ["check", "done"]
    assert holds("check.score >= 8 and not done.satisfied", KNOWN, values)
    assert not holds("check.score > 8", KNOWN, values)
    assert holds("check.text.length < 10", KNOWN, values)
    assert holds("check.text =~ 'so.*'", KNOWN, values)


def test_what_is_not_known_makes_no_condition_true():
    values = {"check": {"score": None, "text": ""}}

    assert not holds("check.score >= 0", KNOWN, values)
    assert not holds("check.score < 11", KNOWN, values)


def test_an_endless_condition_is_refused():
    with pytest.raises(BadCondition, match="at most 500 characters"):
        check("1 == 1 and " * 60 + "1 == 1", KNOWN)


def test_verdicts_are_read_from_json_and_never_made_up():
    assert read_verdict('Sure: {"score": 7.5, "feedback": "Add why."}') == Verdict("Add why.", 7.5)
    assert read_verdict('{"score": 11, "feedback": "x"}').score is None
    assert read_verdict('{"score": true}').score is None
    assert read_verdict("Great work, 9/10") == Verdict("Great work, 9/10")
