"""The option `cache`: answers that were paid for are used again, and say so."""

import json

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.caching import answers
from tests.composite_llm.tools.asking import DIRECT, GPT, MINI, MOA, SONNET, WEATHER, bodies
from tests.outline import outline

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
PANEL, RESPONSE = {"cache": "panel"}, {"cache": "response"}


def calls(spans):
    return [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.LLM_CALL]


def records(response):
    return [
        (call.role, call.outcome, call.cost and call.cost.total)
        for call in composite_llm.receipt(response).calls
    ]


async def test_it_is_off_unless_asked_for(ask, server):
    await ask(MOA, QUESTION, proposers=[MINI])
    await ask(MOA, QUESTION, proposers=[MINI])

    assert len(server.requests) == 4


async def test_a_whole_request_is_answered_from_the_cache(ask, server, spans):
    first = await ask(MOA, QUESTION, proposers=[MINI], composite=RESPONSE)
    spans.clear()
    second = await ask(MOA, QUESTION, proposers=[MINI], composite=RESPONSE)

    assert len(server.requests) == 2
    assert second.choices[0].message.content == first.choices[0].message.content
    assert records(second) == [("aggregator", "cached", 0.0)]
    assert second._hidden_params["response_cost"] == 0.0
    assert second.usage.total_tokens == 0
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/moa
  stage moa.cache
    chat gpt-4o (aggregator) cached"""
    )


async def test_a_hit_is_a_span_that_costs_nothing_and_looks_like_no_real_call(ask, server, spans):
    await ask(DIRECT, QUESTION, composite=RESPONSE)
    [paid] = calls(spans)
    spans.clear()
    await ask(DIRECT, QUESTION, composite=RESPONSE)

    [hit] = calls(spans)
    told = hit.attributes
    assert (told[c.CALL_OUTCOME], told[c.COST_SOURCE], told[c.COST_USD], told[c.GEN_AI_COST]) == (
        "cached",
        "cache",
        0.0,
        0.0,
    )
    assert json.loads(told[c.LANGFUSE_COST]) == {"input": 0.0, "output": 0.0, "total": 0.0}
    assert not [key for key in told if key.startswith("gen_ai.usage.") and key != c.GEN_AI_COST]
    assert c.RESPONSE_ID not in told  # two spans of one id would look like one bill paid twice
    assert told[c.OUTPUT_VALUE] == paid.attributes[c.OUTPUT_VALUE]
    [link] = hit.links
    assert link.attributes[c.LINK_TYPE] == c.REPEATS
    assert (link.context.trace_id, link.context.span_id) == (paid.context.trace_id, paid.context.span_id)


async def test_members_are_answered_from_the_cache_and_the_final_call_runs(ask, server, spans):
    await ask(MOA, QUESTION, proposers=[MINI, SONNET], composite=PANEL)
    spans.clear()
    response = await ask(MOA, QUESTION, proposers=[MINI, SONNET], composite=PANEL)

    assert len(server.requests) == 3 + 1
    assert [record[:2] for record in records(response)] == [
        ("proposer", "cached"),
        ("proposer", "cached"),
        ("aggregator", "ok"),
    ]
    one, other = [body["messages"] for body in bodies(server, "gpt-4o")]
    assert one == other
    final = server.requests[
        -1
    ].usage  # gpt-4o: $2.50 and $10 per million, $1.25 from its provider's own cache
    fresh = final.prompt_tokens - final.cached_tokens
    spent = fresh * 2.5e-6 + final.cached_tokens * 1.25e-6 + final.completion_tokens * 10e-6
    assert response._hidden_params["response_cost"] == pytest.approx(spent, abs=1e-12)
    assert response.usage.prompt_tokens == final.prompt_tokens
    hits = [span for span in calls(spans) if span.attributes[c.CALL_OUTCOME] == "cached"]
    assert [span.attributes[c.REQUEST_MODEL] for span in hits] == ["gpt-4o-mini", "claude-sonnet-4-5"]


async def test_samples_of_one_model_are_kept_apart(ask, server):
    for _ in range(2):
        await ask(MOA, QUESTION, proposers=[f"{MINI} × 3"], composite=PANEL, seed=None)

    assert len(bodies(server, "gpt-4o-mini")) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"proposers": [SONNET]},
        {"member_temperature": 0.1},
        {"max_tokens": 50},
        {"tools": [WEATHER]},
        {"seed": 3},
        {"min_responses": 1},
        {"metadata": {"user_id": "u-2"}},
        {"api_key": "sk-two"},
        {"messages": [{"role": "user", "content": "Why is the sky blue? "}]},
        {"model": f"composite/moa/{SONNET}"},
    ],
)
async def test_whatever_differs_is_asked(server, changed):
    given = {"model": MOA, "messages": QUESTION, "proposers": [MINI], "api_key": "sk-one"}
    await composite_llm.acompletion(**given, composite={"cache": True})

    response = await composite_llm.acompletion(**given | changed, composite={"cache": True})

    assert composite_llm.receipt(response).calls[-1].outcome == "ok"


async def test_an_answer_is_forgotten_after_its_time_and_failures_are_never_kept(server):
    await composite_llm.acompletion(DIRECT, QUESTION, composite={"cache": {"response": True, "ttl_s": 1e-9}})
    await composite_llm.acompletion(DIRECT, QUESTION, composite={"cache": {"response": True, "ttl_s": 1e-9}})

    assert len(server.requests) == 2


async def test_where_tools_run_inside_the_request_is_run(server):
    question = [{"role": "user", "content": "get_weather"}]
    given = {"tools": [WEATHER], "tool_executor": lambda name, arguments: "4", "composite": {"cache": True}}
    ran = [await composite_llm.acompletion(DIRECT, question, **given) for _ in range(2)]

    assert len(server.requests) == 4
    assert ran[0].choices[0].message.content


async def test_what_has_no_sure_key_is_asked(server):
    for _ in range(2):
        # Numbers for names: JSON has none, so nobody knows what they would come to.
        await composite_llm.acompletion(DIRECT, QUESTION, logit_bias={50256: -100}, composite={"cache": True})

    assert len(server.requests) == 2


async def test_a_folder_keeps_answers_for_the_next_process(server, tmp_path, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_CACHE", str(tmp_path / "answers"))
    first = await composite_llm.acompletion(MOA, QUESTION, proposers=[MINI], composite={"cache": True})
    answers._memory.clear()

    second = await composite_llm.acompletion(MOA, QUESTION, proposers=[MINI], composite={"cache": True})

    assert len(server.requests) == 2
    assert second.choices[0].message.content == first.choices[0].message.content
    assert composite_llm.receipt(second).calls[0].outcome == "cached"
    assert b"sk-" not in (tmp_path / "answers" / "answers.sqlite").read_bytes()


async def test_another_process_with_another_key_finds_nothing(server, tmp_path, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_CACHE", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "one")
    await composite_llm.acompletion(MOA, QUESTION, proposers=[MINI], composite={"cache": True})
    monkeypatch.setenv("OPENAI_API_KEY", "other")

    await composite_llm.acompletion(MOA, QUESTION, proposers=[MINI], composite={"cache": True})

    assert len(server.requests) == 4


async def test_composites_inside_a_composite_are_run(server):
    inner = f"composite/direct/{MINI}"
    given = {"proposers": [inner, SONNET], "aggregator": f"composite/direct/{GPT}"}
    for _ in range(2):
        response = await composite_llm.acompletion(MOA, QUESTION, **given, composite={"cache": True})

    outcomes = [call.outcome for call in composite_llm.receipt(response).calls]
    assert sorted(outcomes) == ["cached", "ok", "ok"]
    assert len(server.requests) == 3 + 2


async def test_a_simulated_answer_stays_simulated(server):
    for _ in range(2):
        response = await composite_llm.acompletion(DIRECT, QUESTION, composite=RESPONSE)

    assert composite_llm.receipt(response).simulated
    assert composite_llm.receipt(response).calls[0].model == GPT


async def test_tool_calls_come_from_the_cache_as_they_were(server):
    question = [{"role": "user", "content": "get_weather"}]
    first, second = [
        await composite_llm.acompletion(DIRECT, question, tools=[WEATHER], composite=RESPONSE)
        for _ in range(2)
    ]

    assert len(server.requests) == 1
    assert second.choices[0].message.tool_calls == first.choices[0].message.tool_calls
    assert second.choices[0].finish_reason == "tool_calls"
