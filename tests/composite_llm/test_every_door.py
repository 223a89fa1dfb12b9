"""What a request may be told holds by every door: synchronous, asynchronous, streamed either way."""

import asyncio

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.caching import answers as cached
from composite_llm.engine import baseline
from composite_llm.tools.registry import register_tool, unregister_tool
from tests.recorded import ASKED, QUESTION, recorded, used

GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"
MOA = f"composite/moa/{GPT}"
LOOK = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}

PROFILES = f"""\
profiles:
  pair: {{strategy: moa, model: {GPT}, proposers: [{MINI}, {MINI}], temperature: 0.2}}
  steps:
    model: {GPT}
    steps:
      fan: {{fanout: [{MINI}, {SONNET}]}}
      answer: {{synthesize: fan}}
    final: answer
"""


@pytest.fixture(autouse=True)
def priced(tmp_path, monkeypatch):
    """$0.0006 a call of the small model, $0.0145 of gpt-4o, $0.009 of Claude."""
    cached._memory.clear()
    file = tmp_path / "p.yaml"
    file.write_text(PROFILES)
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(file))
    composite_llm.register()
    said = {
        QUESTION: {
            "gpt-4o-mini": used("Air.", 2000, 500),
            "claude-sonnet-4-5": used("Light.", 1500, 300),
            "gpt-4o": used("Scattering.", 3000, 700),
        }
    }
    with recorded(tmp_path, monkeypatch, said) as server:
        yield server


@pytest.fixture(params=["sync", "async", "streamed sync", "streamed"])
def ask(request):
    """Await `ask(model, messages, …)`: the response; of a stream the one that LiteLLM builds of its chunks."""

    def read(*arguments, **given):
        return litellm.stream_chunk_builder(list(composite_llm.completion(*arguments, stream=True, **given)))

    async def asked(*arguments, **given):
        if request.param == "sync":
            return await asyncio.to_thread(composite_llm.completion, *arguments, **given)
        if request.param == "streamed sync":
            return await asyncio.to_thread(read, *arguments, **given)
        if request.param == "async":
            return await composite_llm.acompletion(*arguments, **given)
        stream = await composite_llm.acompletion(*arguments, stream=True, **given)
        return litellm.stream_chunk_builder([chunk async for chunk in stream])

    return asked


def cost(response):
    return composite_llm.receipt(response).cost_usd


def requests_in(spans):
    return [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]


@pytest.mark.parametrize("place", [None, "composite", "optional_params"])
async def test_parameters_may_stand_in_three_places(ask, place):
    members = {"proposers": [MINI, MINI], "min_responses": 2}
    response = await ask(MOA, ASKED, **({place: members} if place else members))

    assert response.choices[0].message.content == "Scattering."
    assert cost(response) == pytest.approx(2 * 0.0006 + 0.0145)


@pytest.mark.parametrize("name", ["composite/pair", "composite/profile/pair"])
async def test_a_profile_is_a_request_under_a_name_and_the_call_goes_before_it(ask, spans, priced, name):
    response = await ask(name, ASKED, temperature=0.7, proposers=[MINI])

    assert cost(response) == pytest.approx(0.0006 + 0.0145)
    [request] = requests_in(spans)
    assert request.attributes[c.PROFILE_NAME] == "pair"
    assert priced.requests[-1].body["temperature"] == 0.7


async def test_a_mode_of_steps_is_run(ask, spans):
    response = await ask("composite/steps", ASKED)

    assert response.choices[0].message.content == "Scattering."
    assert cost(response) == pytest.approx(0.0006 + 0.009 + 0.0145)
    assert response.usage.prompt_tokens == 2000 + 1500 + 3000
    assert response.usage.completion_tokens == 500 + 300 + 700


async def test_a_composite_may_be_a_member(ask, spans):
    response = await ask(MOA, ASKED, proposers=["composite/pair", SONNET])

    assert cost(response) == pytest.approx((2 * 0.0006 + 0.0145) + 0.009 + 0.0145)
    assert sorted(span.attributes[c.DEPTH] for span in requests_in(spans)) == [0, 1]


async def test_a_plain_call_stands_beside_a_share_of_requests(ask, spans):
    response = await ask(MOA, ASKED, proposers=[MINI], baseline={"model": SONNET, "sample_rate": 1})
    assert await asyncio.to_thread(baseline.settle, 20)

    assert cost(response) == pytest.approx(0.0006 + 0.0145)  # the plain call is paid apart
    [plain] = [span for span in requests_in(spans) if c.BASELINE_OF in span.attributes]
    assert composite_llm.receipt(response).baseline_trace_id == f"{plain.context.trace_id:032x}"
    assert plain.attributes[c.ROLLUP_COST_USD] == pytest.approx(0.009)


@pytest.mark.parametrize(("cache", "again"), [("response", 0.0), ("panel", 0.0145)])
async def test_what_was_paid_for_may_be_used_again(ask, spans, cache, again):
    given = {"proposers": [MINI], "composite": {"cache": cache}}
    first = await ask(MOA, ASKED, **given)
    spans.clear()
    second = await ask(MOA, ASKED, **given)

    assert cost(first) == pytest.approx(0.0006 + 0.0145)
    assert cost(second) == pytest.approx(again)
    assert second.choices[0].message.content == "Scattering."
    [hit] = [span for span in spans.get_finished_spans() if span.attributes.get(c.CALL_OUTCOME) == "cached"]
    assert hit.attributes[c.COST_USD] == 0


async def test_usage_may_be_the_final_calls(ask):
    response = await ask(MOA, ASKED, proposers=[MINI], usage_mode="final")

    assert (response.usage.prompt_tokens, response.usage.completion_tokens) == (3000, 700)
    assert cost(response) == pytest.approx(0.0006 + 0.0145)


@pytest.mark.parametrize(("injection", "roles"), [("system", ["system", "user"]), ("tail_user", ["user"])])
async def test_the_answers_of_others_stand_where_they_are_wanted(ask, priced, injection, roles):
    await ask(MOA, ASKED, proposers=[MINI], injection=injection)

    told = priced.requests[-1].body["messages"]
    assert [message["role"] for message in told][: len(roles)] == roles
    assert "Air." in str(told[0 if injection == "system" else -1]["content"])


async def test_prompts_and_a_language_may_be_given(ask, priced):
    await ask(
        MOA, ASKED, proposers=[MINI], prompts={"aggregate": "Choose: {{answers}}"}, language="British English"
    )

    told = str(priced.requests[-1].body["messages"])
    assert "Choose: " in told
    assert "British English" in told


@pytest.mark.parametrize(
    ("policy", "asked"),
    [("final_only", ["gpt-4o-mini", "gpt-4o"]), ("passthrough_on_tools", ["gpt-4o"])],
)
async def test_the_policy_says_who_meets_the_clients_tools(ask, priced, policy, asked):
    await ask(MOA, ASKED, proposers=[MINI], tools=[LOOK], tool_choice="none", tool_policy=policy)

    assert [record.model.rpartition("/")[2] for record in priced.requests] == asked
    assert ["tools" in record.body for record in priced.requests] == [model == "gpt-4o" for model in asked]


async def test_tools_are_refused_where_there_shall_be_none(ask, priced):
    with pytest.raises(litellm.BadRequestError, match="tool_policy=reject"):
        await ask(MOA, ASKED, proposers=[MINI], tools=[LOOK], tool_policy="reject")

    assert list(priced.requests) == []


async def test_members_may_have_tools_that_run_here(ask, priced):
    def search_handbook(query: str) -> str:
        """Search the handbook."""
        return "found"

    register_tool(search_handbook)
    try:
        await ask(
            MOA, ASKED, proposers=[MINI], tools=[LOOK], tool_choice="none", tool_policy="members_internal"
        )
    finally:
        unregister_tool("search_handbook")

    given = {
        record.model.rpartition("/")[2]: [tool["function"]["name"] for tool in record.body["tools"]]
        for record in priced.requests
    }
    assert "search_handbook" in given["gpt-4o-mini"]
    assert "look" not in given["gpt-4o-mini"]
    assert given["gpt-4o"] == ["look"]


async def test_a_budget_that_has_no_room_is_said_before_anything_is_paid(ask, priced):
    with pytest.raises(litellm.BadRequestError, match="The budget"):
        await ask(MOA, ASKED, proposers=[MINI], max_cost_usd=0.0000001)

    assert list(priced.requests) == []
