"""Strategies inside strategies: one trace, one ledger, one budget, whichever stands in which."""

import json

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.planning.estimate import estimate
from composite_llm.request.reading import read_request
from tests.composite_llm.strategies.asked import GPT, MINI, SONNET, ask, calls, text, used
from tests.composite_llm.strategies.exploring import code, turn_of
from tests.outline import outline
from tests.scripted_answers import last_said, script

pytestmark = pytest.mark.usefixtures("simulator")

NANO = "sim/openai/gpt-4.1-nano"
THOUGHT = {"tool_calls": [{"name": "think", "arguments": '{"thought": "hm"}'}]}
FUSION = {"strategy": "fusion", "model": SONNET, "panel": [MINI, NANO]}
ANALYSIS = {name: [] for name in ("consensus", "contradictions", "gaps", "unique", "blind_spots")}

PROFILES = f"""\
profiles:
  two-steps: {{strategy: cascade, model: {MINI}, steps: [{{model: {NANO}, accept: validator}}]}}
  refined: {{strategy: reflect, model: {GPT}, critic_model: {SONNET}}}
"""


@pytest.fixture(autouse=True)
def profiles(tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text(PROFILES)
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(tmp_path))


def is_whole(spans, response):
    """One trace, one request id, and what is paid is the sum of all calls."""
    found = spans.get_finished_spans()
    assert len({span.context.trace_id for span in found}) == 1
    assert len({span.attributes[c.REQUEST_ID] for span in found}) == 1
    leaves = calls(spans)
    spent = sum(span.attributes[c.COST_USD] for span in leaves)
    assert response._hidden_params["response_cost"] == pytest.approx(spent)
    assert response.usage.total_tokens == sum(
        span.attributes[c.INPUT_TOKENS] + span.attributes[c.OUTPUT_TOKENS] for span in leaves
    )
    assert len(composite_llm.receipt(response).calls) == len(leaves)
    [outer] = [span for span in found if span.attributes.get(c.DEPTH) == 0]
    assert outer.attributes[c.ROLLUP_CALLS] == len(leaves)
    assert outer.attributes[c.ROLLUP_COST_USD] == pytest.approx(spent)


def thinking(request):
    """Thinks once where it has the tool for it, and has not thought yet; ranks and concludes as it is asked."""
    if request.json_schema:
        return json.dumps({"assessment": "", "ranking": ["A", "B"], **ANALYSIS})
    may_think = "think" in str(request.body.get("tools", ""))
    return THOUGHT if may_think and request.messages[-1].role != "tool" else "42"


def test_a_council_of_members_that_think(monkeypatch, spans):
    """Each member thinks, answers and ranks (also with its tool): 2 · (2 + 2) calls, and the chairman's."""
    script(monkeypatch, thinking)
    members = [{"strategy": "think", "model": MINI, "max_thinks": 1}, {"strategy": "think", "model": NANO}]
    response = ask("council", council_models=members)

    assert text(response) == "42"
    is_whole(spans, response)
    lines = outline(spans.get_finished_spans()).splitlines()
    assert lines[0] == "invoke_workflow composite/council"
    assert lines.count("    invoke_workflow composite/think") == 4
    assert lines.count("        execute_tool think") >= 2
    assert lines[-1] == "    chat gpt-4o (chair)"


def test_a_fusion_of_members_that_think(monkeypatch, spans):
    script(monkeypatch, thinking)
    panel = [{"strategy": "think", "model": MINI}, {"strategy": "think", "model": NANO, "temperature": 0.3}]
    response = ask("fusion", panel=panel)

    assert text(response) == "42"
    is_whole(spans, response)
    assert len(calls(spans, "thinker")) == 4  # each once with a thought and once with its answer
    warm = [span for span in calls(spans) if span.attributes.get(c.REQUEST_TEMPERATURE) == 0.3]
    assert {span.attributes[c.REQUEST_MODEL] for span in warm} == {"gpt-4.1-nano"}


@pytest.mark.parametrize(("mark", "made"), [(9, 2), (2, 2 + 4)])
def test_a_cascade_from_one_cheap_call_to_a_fusion(monkeypatch, spans, mark, made):
    """A step and its judge; then two members, the analysis and the answer."""

    def says(request):
        if request.json_schema and "score" in str(request.json_schema):
            return used(json.dumps({"score": mark}), 50, 10)
        return used(json.dumps(ANALYSIS) if request.json_schema else request.model, 100, 20)

    script(monkeypatch, says)
    steps = [{"model": NANO, "accept": {"type": "judge", "model": MINI}}, FUSION]
    response = ask("cascade", steps=steps, max_tokens=33)

    assert text(response).endswith("gpt-4.1-nano" if mark == 9 else "claude-sonnet-4-5")
    is_whole(spans, response)
    assert len(calls(spans)) == made
    limited = [
        span.attributes[c.REQUEST_MODEL] for span in calls(spans) if c.REQUEST_MAX_TOKENS in span.attributes
    ]
    assert limited == ["gpt-4.1-nano", *(["claude-sonnet-4-5"] if mark == 2 else [])]
    plan = estimate(read_request(f"cascade/{GPT}", {"steps": steps}))
    assert plan.least_calls <= made <= plan.most_calls


def test_a_composite_that_is_not_accepted_is_no_step_lost(monkeypatch, spans):
    """A panel first, and a plain model behind it: the inner final call has the client's parameters, and streams
    to nobody."""

    def says(request):
        if request.json_schema and "score" in str(request.json_schema):
            return '{"score": 1}'
        return json.dumps(ANALYSIS) if request.json_schema else request.model

    script(monkeypatch, says)
    steps = [{**FUSION, "accept": {"type": "judge", "model": MINI}}]
    chunks = list(ask("cascade", steps=steps, stream=True))

    words = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert words == "openai/gpt-4o"
    assert len(calls(spans)) == 4 + 1 + 1


ROUTES = {
    "panel": {**FUSION, "about": "hard questions"},
    "long": {
        "strategy": "rlm",
        "model": GPT,
        "min_context_tokens": 1000,
        "sub_model": NANO,
        "about": "long texts",
    },
}
LONG = "\n".join(f"line {number}: nothing to see" for number in range(2000))


@pytest.mark.parametrize(
    ("question", "inside"),
    [
        ("What is 6 times 7?", None),
        ("Please prove it.", "fusion"),
        (f"{LONG}\n\nHow many lines are there?", "rlm"),
    ],
)
def test_a_router_to_one_call_a_fusion_or_a_recursive_model_by_size(monkeypatch, spans, question, inside):
    def says(request):
        if turn_of(request):
            return code("answer['content'] = str(context.count('line '))", "answer['ready'] = True")
        return json.dumps(ANALYSIS) if request.json_schema else "42"

    script(monkeypatch, says)
    rules = [{"route": "long", "min_context_tokens": 5000}, {"route": "panel", "keywords": "prove"}]
    messages = [{"role": "user", "content": question}]
    response = ask("router", messages, model=MINI, routes=ROUTES, rules=rules)

    assert text(response) == ("2000" if inside == "rlm" else "42")
    is_whole(spans, response)
    workflows = [span.name for span in spans.get_finished_spans() if span.attributes.get(c.DEPTH) == 1]
    assert workflows == ([f"invoke_workflow composite/{inside}"] if inside else [])


def test_a_recursive_model_whose_sub_calls_are_cascades(monkeypatch, spans):
    """Two sub-calls: one that passes, and one whose answer is empty of what is asked, which the larger model answers."""

    def says(request):
        if turn_of(request):
            asked = "said = llm_query_batched(['Is line 1 there?', 'Is line 9999 there?'])"
            return code(asked, "answer['content'] = ' '.join(said)", "answer['ready'] = True")
        if request.model.endswith("nano"):
            return "yes" if "line 1 " in last_said(request) else "I'm sorry, I cannot help."
        return "no"

    script(monkeypatch, says)
    response = ask(
        "rlm",
        [{"role": "user", "content": LONG}, {"role": "user", "content": "Are lines 1 and 9999 there?"}],
        sub_model="composite/two-steps",
        min_context_tokens=1000,
    )

    assert text(response) == "yes no"
    is_whole(spans, response)


def test_moa_whose_aggregator_reflects(monkeypatch, spans):
    def says(request):
        if request.json_schema:
            issue = {"severity": "high", "quote": "41", "problem": "wrong", "fix": "42"}
            return json.dumps({"issues": [issue], "verdict": "revise"})
        told = last_said(request) + str(request.messages[0].content)
        return "It is 42." if "wrong" in told else "41"

    script(monkeypatch, says)
    response = ask("moa", proposers=[MINI, NANO], aggregator="composite/refined", max_tokens=33)

    assert text(response) == "It is 42."
    is_whole(spans, response)
    limited = [span for span in calls(spans) if c.REQUEST_MAX_TOKENS in span.attributes]
    assert limited[-1].attributes[c.CALL_ROLE] == "rewriter"


def test_the_call_limit_around_holds_for_all_inside_together(monkeypatch, spans):
    """8 calls for a council of two fusions, which would take 2 · 4 + 2 · 4 reviews + 1: every call counts, wherever it
    stands, and the last one is the chairman's."""
    heard = script(
        monkeypatch, lambda request: json.dumps(ANALYSIS) if request.json_schema else request.model
    )
    response = ask("council", council_models=[FUSION, {**FUSION, "panel": [NANO, MINI]}], max_calls=8)

    assert len(heard) <= 8
    assert text(response).endswith("gpt-4o")
    assert composite_llm.receipt(response).degraded
    is_whole(spans, response)


def test_the_bundled_ones_can_be_read_and_have_a_plan():
    for name in ("thinking-council", "small-then-panel", "moa-refined", "long-context-checked", "auto"):
        known = estimate(read_request(name, {}))
        assert known.least_usd > 0
        assert not known.unpriced
