"""Composites inside composites: one trace, one ledger, one budget, and an end to how deep they go."""

import asyncio

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.engine.nesting import depth_of
from tests.held_answers import hold
from tests.outline import outline
from tests.recorded import ASKED, QUESTION, recorded, used
from tests.streams import until

GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"

PROFILES = f"""\
profiles:
  pair: {{strategy: moa, model: {SONNET}, proposers: [{MINI}, {MINI}]}}
  around: {{strategy: moa, model: {GPT}, proposers: [composite/pair, {MINI}]}}
  beyond: {{strategy: moa, model: {GPT}, proposers: composite/around}}
  endless: {{strategy: moa, model: {GPT}, proposers: composite/endless}}
"""


@pytest.fixture(autouse=True)
def profiles(tmp_path, monkeypatch):
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "nested.yaml").write_text(PROFILES)
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(folder))
    composite_llm.register()


@pytest.fixture
def priced(tmp_path, monkeypatch):
    """$0.0006 a call of the small model, $0.009 and $0.0145 of the two larger ones."""
    answers = {
        QUESTION: {
            "gpt-4o-mini": used("Air.", 2000, 500),
            "claude-sonnet-4-5": used("Light.", 1500, 300),
            "gpt-4o": used("Scattering.", 3000, 700),
        }
    }
    with recorded(tmp_path, monkeypatch, answers) as server:
        yield server


def requests_in(spans):
    return [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]


def test_an_inner_composite_is_part_of_the_same_trace_and_is_counted_once(priced, spans):
    """The inner one costs 2 × $0.0006 + $0.009, the other member $0.0006, the aggregator $0.0145."""
    response = litellm.completion("composite/around", ASKED)

    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/moa
  stage moa.layer1
    invoke_workflow composite/moa
      stage moa.layer1
        chat gpt-4o-mini (proposer)
        chat gpt-4o-mini (proposer)
      stage moa.aggregate
        chat claude-sonnet-4-5 (aggregator)
    chat gpt-4o-mini (proposer)
  stage moa.aggregate
    chat gpt-4o (aggregator)"""
    )
    receipt = composite_llm.receipt(response)
    assert receipt.cost_usd == pytest.approx(0.0012 + 0.009 + 0.0006 + 0.0145)
    assert response._hidden_params["response_cost"] == receipt.cost_usd
    assert [call.stage for call in receipt.calls if "›" in call.stage] == [
        "moa.layer1[0] › moa.layer1",
        "moa.layer1[0] › moa.layer1",
        "moa.layer1[0] › moa.aggregate",
    ]
    inner, outer = sorted(requests_in(spans), key=lambda span: -span.attributes[c.DEPTH])
    assert (inner.attributes[c.DEPTH], outer.attributes[c.DEPTH]) == (1, 0)
    assert inner.attributes[c.ROLLUP_COST_USD] == pytest.approx(0.0102)
    assert outer.attributes[c.ROLLUP_COST_USD] == pytest.approx(0.0253)
    assert (inner.attributes[c.PROFILE_NAME], outer.attributes[c.PROFILE_NAME]) == ("pair", "around")
    leaves = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.LLM_CALL]
    assert sum(span.attributes[c.COST_USD] for span in leaves) == pytest.approx(0.0253)
    assert len({span.context.trace_id for span in spans.get_finished_spans()}) == 1
    assert len({span.attributes[c.REQUEST_ID] for span in spans.get_finished_spans()}) == 1


async def test_the_final_answer_may_be_a_composites_and_gets_the_clients_parameters(priced, spans):
    response = await litellm.acompletion(
        f"composite/moa/{GPT}", ASKED, proposers=[MINI], aggregator="composite/pair", max_tokens=77
    )

    assert response.choices[0].message.content == "Light."
    limited = [
        span.attributes[c.REQUEST_MODEL]
        for span in spans.get_finished_spans()
        if span.attributes.get(c.REQUEST_MAX_TOKENS) == 77
    ]
    assert limited == ["claude-sonnet-4-5"]


def test_a_streamed_request_streams_the_inner_composites_final_call(priced, spans):
    chunks = litellm.completion(
        f"composite/moa/{GPT}", ASKED, proposers=[MINI], aggregator="composite/pair", stream=True
    )

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Light."
    outer = next(span for span in requests_in(spans) if span.attributes[c.DEPTH] == 0)
    assert outer.attributes[c.STREAM] is True


@pytest.mark.parametrize(
    ("model", "given", "sentence"),
    [
        ("composite/around", {"max_composite_depth": 0}, "none may stand inside another"),
        ("composite/beyond", {}, "would be a composite 2 deep inside composites, and max_composite_depth=1"),
        ("composite/endless", {"max_composite_depth": 8}, "goes in a circle: endless asks endless"),
        (
            f"composite/moa/{GPT}",
            {"proposers": "composite/pear"},
            "composite/pear cannot be a member as it is",
        ),
        (f"composite/moa/{GPT}", {"proposers": f"composite/moa/{GPT}"}, "proposers is required"),
    ],
)
def test_what_goes_too_deep_or_cannot_run_is_refused_before_any_call(priced, spans, model, given, sentence):
    with pytest.raises(litellm.BadRequestError) as error:
        litellm.completion(model, ASKED, **given)

    assert sentence in str(error.value)
    assert list(priced.requests) == []


def test_the_budget_around_holds_for_all_inside(priced, spans):
    """Three calls: the outer final keeps one, so inside there are two, and the inner final is left out."""
    response = litellm.completion("composite/around", ASKED, max_calls=3)

    receipt = composite_llm.receipt(response)
    assert len(receipt.calls) == len(priced.requests) == 3
    assert receipt.degraded


def test_a_tool_that_asks_a_composite_asks_it_inside_the_request(priced, spans):
    """Its calls are in the same trace, so they have to be in the same sum."""
    from composite_llm.engine.nesting import around

    seen = []

    async def ask(name, arguments):
        seen.append(around().depth)
        return (await litellm.acompletion("composite/pair", ASKED)).choices[0].message.content

    tools = [
        {"type": "function", "function": {"name": "ask", "parameters": {"type": "object", "properties": {}}}}
    ]
    response = litellm.completion(
        f"composite/direct/{GPT}",
        [{"role": "user", "content": QUESTION}],
        tools=tools,
        tool_choice={"type": "function", "function": {"name": "ask"}},
        tool_executor=ask,
    )

    inner = [span for span in requests_in(spans) if span.attributes[c.DEPTH] == 1]
    assert seen
    assert len(inner) == len(seen)
    assert len({span.context.trace_id for span in spans.get_finished_spans()}) == 1
    leaves = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.LLM_CALL]
    spent = pytest.approx(sum(span.attributes[c.COST_USD] for span in leaves))
    assert composite_llm.receipt(response).cost_usd == spent
    [stage] = [span for span in spans.get_finished_spans() if span.attributes.get(c.STAGE_NAME) == "direct"]
    assert stage.attributes[c.ROLLUP_CALLS] == len(leaves), "what its tool asks counts"
    assert stage.attributes[c.ROLLUP_COST_USD] == spent


async def test_what_a_tool_still_spends_when_its_request_is_given_up_is_not_left_out_unsaid(priced, spans):
    """The thread a tool runs in cannot be stopped: what it asks ends later than the request, whose cost is then
    at least what is booked, and not all of it."""

    def ask(name, arguments):
        return litellm.completion(f"composite/direct/{MINI}", ASKED).choices[0].message.content

    tools = [
        {"type": "function", "function": {"name": "ask", "parameters": {"type": "object", "properties": {}}}}
    ]
    hold(priced, "gpt-4o-mini", until=lambda: requests_in(spans))
    asking = litellm.acompletion(
        f"composite/direct/{GPT}", ASKED, tools=tools, tool_choice="required", tool_executor=ask
    )
    request = asyncio.create_task(asking)
    await until(lambda: len(priced.requests) == 1 and priced.in_flight == 1)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    [given_up] = requests_in(spans)
    await until(lambda: len(requests_in(spans)) == 2)

    assert given_up.attributes[c.ROLLUP_CALLS] == 1
    assert given_up.attributes[c.ROLLUP_COST_STATUS] == "partial"
    inner = requests_in(spans)[-1]
    assert inner.attributes[c.ROLLUP_COST_STATUS] == "known"


def test_a_request_that_comes_back_through_a_proxy_brings_its_depth():
    assert depth_of(None, {"X-Composite-Depth": "2"}) == 2
    assert depth_of(None, {"x-composite-depth": "-1"}) == 0
    assert depth_of(None, {"x-composite-depth": "9" * 4400}) == 0
    assert depth_of(None, {}) == 0


def test_each_call_tells_the_next_server_how_deep_it_stands(priced, spans):
    litellm.completion("composite/around", ASKED)

    depths = sorted(call.headers.get("x-composite-depth", "") for call in priced.requests)
    assert depths == ["1", "1", "2", "2", "2"]


def test_an_inner_composite_that_fails_is_a_member_that_fails(tmp_path, monkeypatch, spans):
    with recorded(tmp_path, monkeypatch, {QUESTION: {"gpt-4o-mini": "Air.", "gpt-4o": "Sky."}}):
        response = litellm.completion("composite/around", ASKED)  # its inner aggregator has no answer

    assert response.choices[0].message.content == "Sky."
    stage = next(
        span
        for span in spans.get_finished_spans()
        if span.attributes.get(c.STAGE_FAILED) == 1 and span.attributes.get(c.STAGE_FAN_OUT) == 2
    )
    assert "composite/pair" in stage.attributes[c.LANGFUSE_STATUS_MESSAGE]
