"""In the client's tool loop members are asked once a turn, and the prompt's beginning stays as it was."""

import asyncio
import json
from itertools import pairwise

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.caching import panel
from composite_llm.simulator import Simulator
from tests.composite_llm.tools.asking import (
    COUNCIL,
    DIRECT,
    MINI,
    MOA,
    QUESTION,
    SONNET,
    WEATHER,
    after,
    as_sent,
    bodies,
    turn,
)

PANEL = {"proposers": [MINI, SONNET], "tools": [WEATHER]}
# 32 characters, so 8 tokens; 200 of them are 1,600.
LINE = "abcdefghijklmnopqrstuvwxyz01234\n"


def requests(spans):
    found = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    return [(span.attributes.get(c.PANEL_KEY), span.attributes.get(c.PANEL_CACHE)) for span in found]


async def loop(ask, model, messages, steps, **parameters):
    """The client's tool loop: `steps` requests, each with one more result."""
    response = await ask(model, messages, **parameters)
    for step in range(1, steps):
        # After a result the simulated model speaks, so the client tells of calls itself.
        messages = after(messages, response) if step == 1 else [*messages, *turn(step, f"{step} degrees")]
        response = await ask(model, messages, **parameters)
    return messages, response


@pytest.mark.parametrize(
    ("model", "parameters", "panel_calls"),
    [
        (MOA, {"proposers": [MINI, SONNET]}, 2),
        (MOA, {"proposers": [MINI, SONNET], "layers": 3}, 4),
        (MOA, {"proposers": [MINI, SONNET, MINI], "window": 2}, 4),
        (COUNCIL, {"council_models": [MINI, SONNET]}, 4),
    ],
)
async def test_only_the_final_call_runs_while_the_client_runs_tools(
    ask, server, spans, model, parameters, panel_calls
):
    await loop(ask, model, QUESTION, 4, tools=[WEATHER], **parameters)

    assert len(server.requests) == panel_calls + 4
    (key, first), *later = requests(spans)
    assert (len(key), first) == (16, "new")
    assert later == [(key, "hit")] * 3


@pytest.mark.parametrize("injection", ["auto", "system", "tail_user"])
@pytest.mark.parametrize("model", [MOA, COUNCIL])
async def test_each_final_prompt_begins_with_the_one_before_byte_for_byte(server, model, injection):
    messages = [{"role": "system", "content": LINE * 100}, *QUESTION]
    members = {"proposers": [MINI, SONNET]} if model == MOA else {"council_models": [MINI, SONNET]}

    await loop(composite_llm.acompletion, model, messages, 4, tools=[WEATHER], injection=injection, **members)

    finals = [body for body in bodies(server, "gpt-4o") if body.get("tools")]
    assert [len(body["messages"]) for body in finals] == [2, 4, 6, 8]
    for before, now in pairwise(finals):
        assert json.dumps(now["messages"]).startswith(json.dumps(before["messages"])[:-1])
        assert now["tools"] == before["tools"]


async def test_the_providers_prompt_cache_holds_through_the_loop(ask, server):
    """Each prompt but the first is read from the cache, up to the last whole 128 tokens of the one before."""
    messages = [{"role": "system", "content": LINE * 200}, *QUESTION]

    await loop(ask, MOA, messages, 4, **PANEL)

    usages = [record.usage for record in server.requests if record.model.endswith("/gpt-4o")]
    assert usages[0].cached_tokens == 0
    for before, now in pairwise(usages):
        assert now.cached_tokens >= before.prompt_tokens // 128 * 128
        assert now.cached_tokens / now.prompt_tokens > 0.9


async def test_asking_anew_each_time_keeps_what_stands_before_the_new_answers(server):
    messages, _ = await loop(composite_llm.acompletion, MOA, QUESTION, 3, fanout="per_iteration", **PANEL)

    assert len(server.requests) == 3 * 3
    last = bodies(server, "gpt-4o")[-1]["messages"]
    assert last[: len(messages)] == as_sent(messages)
    assert last[len(messages)]["role"] == "user"


async def test_every_so_many_requests_members_are_asked_again(server, spans):
    await loop(composite_llm.acompletion, MOA, QUESTION, 5, fanout="every_n:2", **PANEL)

    assert len(bodies(server, "gpt-4o-mini")) == 3  # with no result, with two, with four
    keys = [key for key, _ in requests(spans)]
    assert [use for _, use in requests(spans)] == ["new", "hit", "new", "hit", "new"]
    assert keys[0] == keys[1] != keys[2]
    finals = [body["messages"] for body in bodies(server, "gpt-4o")]
    assert finals[3][: len(finals[2])] == finals[2]


@pytest.mark.parametrize(("fanout", "members"), [("user_turn", 2), ("off", 1)])
async def test_a_panel_that_is_forgotten_is_asked_again_or_done_without(server, spans, fanout, members):
    first = await composite_llm.acompletion(MOA, QUESTION, fanout=fanout, **PANEL)
    panel._memory.clear()  # as in another process, or long after

    response = await composite_llm.acompletion(MOA, after(QUESTION, first), fanout=fanout, **PANEL)

    assert len(bodies(server, "gpt-4o-mini")) == members
    assert response.choices[0].message.content
    uses = [use for _, use in requests(spans)]
    assert uses == (["new", "miss"] if fanout == "user_turn" else ["new", None])


async def test_a_panel_asked_again_sees_the_question_as_it_was(server):
    await composite_llm.acompletion(MOA, [*QUESTION, *turn(1, "4 degrees")], **PANEL)

    assert bodies(server, "gpt-4o-mini")[0]["messages"][1:] == QUESTION


@pytest.mark.parametrize(
    "changed",
    [
        {"proposers": [MINI, MINI]},
        {"member_temperature": 0.1},
        {"seed": 7},
        {"metadata": {"user_id": "u-2"}},
        {"api_key": "sk-two"},
        {"tools": [WEATHER, {**WEATHER, "function": {**WEATHER["function"], "name": "other"}}]},
    ],
)
async def test_another_configuration_user_or_key_has_a_panel_of_its_own(server, spans, changed):
    given = PANEL | {"metadata": {"user_id": "u-1"}, "api_key": "sk-one"}
    first = await composite_llm.acompletion(MOA, QUESTION, **given)

    await composite_llm.acompletion(MOA, after(QUESTION, first), **given | changed)

    (one, _), (other, use) = requests(spans)
    assert (one != other, use) == (True, "miss")


async def test_marks_for_the_providers_cache_may_move_from_request_to_request(server, spans):
    """Clients of Anthropic's models mark the end of what they have sent so far."""
    text = QUESTION[0]["content"]
    marked = [
        {"role": "user", "content": [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]}
    ]
    unmarked = [{"role": "user", "content": [{"type": "text", "text": text}]}]
    first = await composite_llm.acompletion(MOA, marked, **PANEL)

    await composite_llm.acompletion(MOA, after(unmarked, first), **PANEL)

    assert [use for _, use in requests(spans)] == ["new", "hit"]
    assert len(server.requests) == 3 + 1


async def test_a_client_may_leave_its_tools_out_of_later_requests(server):
    given = {"proposers": [MINI]}
    messages = [{"role": "system", "content": LINE * 50}, *QUESTION]
    first = await composite_llm.acompletion(MOA, messages, tools=[WEATHER], **given)

    await composite_llm.acompletion(MOA, after(messages, first), fanout="per_iteration", **given)

    assert bodies(server, "gpt-4o")[1]["messages"][:2] == messages  # no answers in the system message


async def test_a_new_question_is_asked_anew_even_if_it_is_the_same(server, spans):
    await composite_llm.acompletion(MOA, QUESTION, **PANEL)
    await composite_llm.acompletion(MOA, QUESTION, **PANEL)

    assert [use for _, use in requests(spans)] == ["new", "new"]
    assert len(server.requests) == 6


async def test_equal_requests_at_once_do_not_disturb_each_other(server):
    firsts = await asyncio.gather(*(composite_llm.acompletion(MOA, QUESTION, **PANEL) for _ in range(8)))

    lasts = await asyncio.gather(
        *(composite_llm.acompletion(MOA, after(QUESTION, first), **PANEL) for first in firsts)
    )

    assert all("4 degrees" in last.choices[0].message.content for last in lasts)
    assert len(server.requests) == 8 * 3 + 8
    finals = [body["messages"] for body in bodies(server, "gpt-4o")]
    assert all(now[:1] == before[:1] for before, now in zip(finals[:8], finals[8:], strict=True))


async def test_missing_members_stay_missing(monkeypatch, spans):
    """What the final model was told of a failure is part of the prompt's beginning, too."""
    with Simulator(speed=0, faults={"gpt-4o-mini": "401"}) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)

        await loop(composite_llm.acompletion, MOA, QUESTION, 3, degraded_notice="loud", **PANEL)

        first, *later = [body["messages"] for body in bodies(server, "gpt-4o")]
        assert "1 of the 2 assistants" in str(first)
        for now in later:
            assert now[: len(first)] == first
        assert len(server.requests) == 2 + 3


async def test_a_plain_call_has_no_panel_to_tell_of(server, spans):
    await loop(composite_llm.acompletion, DIRECT, QUESTION, 2, tools=[WEATHER])

    assert requests(spans) == [(None, None), (None, None)]


async def test_without_tools_nothing_is_kept(server, spans):
    await composite_llm.acompletion(MOA, [{"role": "user", "content": "Why?"}], proposers=[MINI])

    assert requests(spans) == [(None, None)]
    assert panel._memory._entries.currsize == 0
