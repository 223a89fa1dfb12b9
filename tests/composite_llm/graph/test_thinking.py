"""Think and reflect steps: what they read when a client's tools have run, and what is left when a writer fails."""

import json
from pathlib import Path

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.planning.estimate import estimate
from composite_llm.request.reading import read_request
from tests.composite_llm.tools.asking import GPT, MINI, QUESTION, SONNET, WEATHER, after, names_of
from tests.outline import outline
from tests.scripted_answers import last_said, script
from tests.streams import finished

WEATHER_CALL = {"tool_calls": [{"name": "get_weather", "arguments": '{"city": "Oslo"}'}]}
STEPS = {
    "views": {"fanout": [MINI, SONNET]},
    "notes": {"think": "views", "prompt": "Sort out: {{answers}}"},
    "answer": {"base_call": "Notes: {{notes}}"},
}


def thought(text):
    return {"tool_calls": [{"name": "think", "arguments": json.dumps({"thought": text})}]}


def run(steps, final, messages=QUESTION, **given):
    return litellm.completion(f"composite/graph/{GPT}", messages, steps=steps, final=final, **given)


def text(response):
    return response.choices[0].message.content


def play(monkeypatch, **parts):
    """By part what it says one time after the other; what was heard, by part."""
    heard = {part: [] for part in parts}

    def says(request):
        part = who(request)
        heard[part].append(request)
        return parts[part][min(len(heard[part]), len(parts[part])) - 1]

    def who(request):
        said = str([message.content for message in request.messages])
        kinds = {"Notes: ": "answer", "Sort out: ": "thinker", "Draft:": "rewriter"}
        return next((part for mark, part in kinds.items() if mark in said), "expert")

    script(monkeypatch, says)
    return heard


def test_a_think_step_thinks_about_what_the_clients_tools_brought(simulator, spans, monkeypatch):
    """The experts are asked once; who thinks is asked at each request, with the results, and has its own tool alone."""
    heard = play(
        monkeypatch,
        expert=["Look it up."],
        thinker=[
            thought("Nothing is known yet."),
            "Look first.",
            thought("4 degrees is cold."),
            "It is cold.",
        ],
        answer=[WEATHER_CALL, "Yes, cold."],
    )
    response = run(STEPS, "answer", tools=[WEATHER])
    assert names_of(response) == ["get_weather"]
    spans.clear()

    again = run(STEPS, "answer", after(QUESTION, response), tools=[WEATHER])

    assert text(again) == "Yes, cold."
    assert (len(heard["expert"]), len(heard["thinker"]), len(heard["answer"])) == (2, 4, 2)
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/graph
  stage graph.views
  stage graph.notes
    chat gpt-4o (thinker)
    execute_tool think
    chat gpt-4o (thinker)
  stage graph.answer
    chat gpt-4o (writer)"""
    )
    before, _, with_result, _ = heard["thinker"]
    assert "4 degrees" not in str(before.body)
    assert "[get_weather returned:\n4 degrees]" in last_said(with_result)
    assert [tool.name for tool in with_result.tools] == ["think"]
    [span] = finished(spans, c.THINK_STEP)
    assert (span.attributes[c.INPUT_VALUE], span.attributes[c.THINK_AFTER_TOOL]) == (
        "4 degrees is cold.",
        True,
    )
    assert "Notes: It is cold." in str(heard["answer"][1].body)


def test_a_final_think_step_has_the_clients_tools_beside_its_own(simulator, spans, monkeypatch):
    heard = play(
        monkeypatch,
        expert=["Look it up."],
        thinker=[thought("Look."), WEATHER_CALL, thought("4 degrees is cold."), "It is cold."],
    )
    steps = {"views": STEPS["views"], "notes": STEPS["notes"]}
    response = run(steps, "notes", tools=[WEATHER])
    assert names_of(response) == ["get_weather"]

    again = run(steps, "notes", after(QUESTION, response), tools=[WEATHER])

    assert text(again) == "It is cold."
    assert len(heard["expert"]) == 2
    _, called, resumed, _ = (request.body["messages"] for request in heard["thinker"])
    assert resumed[: len(called)] == called  # its thought is still there
    assert [message["role"] for message in resumed] == ["user", "assistant", "tool", "assistant", "tool"]
    after_tool = [span.attributes[c.THINK_AFTER_TOOL] for span in finished(spans, c.THINK_STEP)]
    assert after_tool == [False, True]


def test_several_answers_with_thoughts_of_their_own_cannot_be_had(simulator):
    asked = len(simulator.requests)
    steps = {**STEPS, "last": {"if": "notes.count == 1", "then": "thinker", "else": "answer"}}
    steps["thinker"] = {"think": "notes"}
    for final, given in (("thinker", {**STEPS, "thinker": {"think": "notes"}}), ("last", steps)):
        given = {name: step for name, step in given.items() if final == "last" or name != "answer"}
        with pytest.raises(litellm.BadRequestError, match="n>1 cannot be had where the last step thinks"):
            run(given, final, n=2)
    assert len(simulator.requests) == asked


REFLECTING = {"draft": {"base_call": None}, "better": {"reflect": "draft"}}


@pytest.mark.parametrize("final", [True, False])
def test_a_draft_that_nobody_mends_is_the_answer(simulator, spans, monkeypatch, final):
    """The critic's remarks are no JSON, and remarks all the same; who was to work them in fails."""

    def says(request):
        if request.json_schema is not None:
            return "Of what?"
        if "Remarks:\nOf what?" in last_said(request):
            return {"fault": "401"}
        return "Said: Scattering." if "Say it:" in last_said(request) else "Scattering."

    script(monkeypatch, says)
    steps = REFLECTING if final else {**REFLECTING, "answer": {"base_call": "Say it: {{better}}"}}
    response = run(steps, "better" if final else "answer")

    assert text(response) == ("Scattering." if final else "Said: Scattering.")
    [why] = composite_llm.receipt(response).degraded
    assert why.startswith("graph.better.rewrite1: ")


def test_what_a_critic_finds_stands_on_its_span(simulator, spans, monkeypatch):
    found = {"issues": [{"severity": "low", "problem": "A comma."}], "verdict": "revise"}
    script(monkeypatch, lambda request: json.dumps(found) if request.json_schema else "Light.")
    run({**REFLECTING, "better": {"reflect": "draft", "rounds": 2}}, "better")

    noted = {
        span.attributes[c.STAGE_NAME]: span.attributes
        for span in finished(spans, c.STAGE)
        if c.REFLECT_VERDICT in span.attributes
    }
    assert list(noted) == ["graph.better.critique1", "graph.better.critique2"]
    assert noted["graph.better.critique1"][c.REFLECT_MAX_SEVERITY] == "low"


def test_the_plan_of_a_think_step_has_room_for_its_thoughts():
    """1 call for each of max_tool_calls=3 thoughts and one for the answer, beside two experts and the last step."""
    request = read_request(
        f"graph/{GPT}", {"steps": STEPS, "final": "answer", "max_tool_calls": 3}, folder=Path()
    )
    planned = estimate(request)
    assert (planned.least_calls, planned.most_calls) == (4, 7)
