"""What goes to members and what to the final call, as the servers see it."""

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from tests.composite_llm.calls.observed import (
    COUNCIL,
    DIRECT,
    GPT,
    MINI,
    MOA,
    QUESTION,
    SONNET,
    asked,
    calls,
)

TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
OF_THE_ANSWER = {
    "max_tokens": 40,
    "stop": ["never said"],
    "n": 2,
    "logprobs": True,
    "response_format": {"type": "json_object"},
    "tools": TOOLS,
    "tool_choice": "none",
    "parallel_tool_calls": False,
    "presence_penalty": 0.5,
    "top_p": 0.9,
    "temperature": 0.2,
}


@pytest.mark.parametrize(
    ("model", "members"),
    [(MOA, {"proposers": [MINI], "layers": 3}), (COUNCIL, {"council_models": [MINI, MINI]})],
)
async def test_what_a_client_wants_of_the_answer_reaches_the_final_call_alone(models, ask, model, members):
    server = models()
    await ask(model, QUESTION, **members, **OF_THE_ANSWER)

    [final] = asked(server, "gpt-4o")
    assert {name: final[name] for name in OF_THE_ANSWER} == OF_THE_ANSWER
    for body in asked(server, "gpt-4o-mini"):
        own = {
            "temperature",
            "response_format",
        }  # a strategy's: how proposers sample, how reviews are written
        assert not (OF_THE_ANSWER.keys() - own) & body.keys()
        assert body.get("temperature") in {None, 0.7}
        assert body.get("response_format") != OF_THE_ANSWER["response_format"]


async def test_a_short_answer_for_the_client_does_not_cut_the_members_short(models, ask):
    server = models()
    response = await ask(MOA, QUESTION, proposers=[MINI], max_tokens=5)

    assert response.choices[0].finish_reason == "length"
    [member] = [record for record in server.requests if record.model.endswith("gpt-4o-mini")]
    assert len(member.answer) > 5 * 4
    assert composite_llm.receipt(response).usage.output == 5 + -(-len(member.answer) // 4)


async def test_reasoning_is_the_final_models_unless_a_member_has_its_own(models, ask):
    server = models()
    await ask("composite/moa/sim/openai/gpt-5", QUESTION, proposers=["sim/openai/o3"], reasoning_effort="low")

    assert asked(server, "gpt-5")[0]["reasoning_effort"] == "low"
    assert "reasoning_effort" not in asked(server, "o3")[0]


async def test_the_seed_goes_everywhere_moved_on_by_the_place_in_the_fan_out(models, ask):
    server = models()
    members = [f"{MINI} × 3"]
    await ask(MOA, QUESTION, proposers=members, seed=40, window=2)

    assert sorted(body["seed"] for body in asked(server, "gpt-4o-mini")) == [40, 41, 42]
    assert [body["seed"] for body in asked(server, "gpt-4o")] == [40, 40]  # the first window, and the last


async def test_who_asks_is_told_to_every_provider(models, ask):
    server = models()
    await ask(MOA, QUESTION, proposers=[MINI], user="bob")

    assert [record.body["user"] for record in server.requests] == ["bob", "bob"]


async def test_the_trace_goes_on_at_every_server(models, spans, ask):
    server = models()
    await ask(MOA, QUESTION, proposers=[MINI])

    for record, role in zip(server.requests, ("proposer", "aggregator"), strict=True):
        [span] = calls(spans, role)
        trace, parent = span.context.trace_id, span.context.span_id
        assert record.headers["traceparent"].startswith(f"00-{trace:032x}-{parent:016x}-")


async def test_a_trace_the_client_names_goes_before_ours_and_its_other_headers_to_the_final_call(models, ask):
    server = models()
    theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await ask(MOA, QUESTION, proposers=[MINI], extra_headers={"traceparent": theirs, "x-team": "blue"})

    member, final = server.requests
    assert [record.headers["traceparent"] for record in (member, final)] == [theirs, theirs]
    assert ("x-team" in member.headers, final.headers.get("x-team")) == (False, "blue")


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
WITH_PICTURE = [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, PICTURE]}]
BLIND = "sim/openai/gpt-3.5-turbo"


async def test_a_model_that_sees_no_images_is_told_of_one_instead(models, ask):
    server = models()
    await ask(MOA, WITH_PICTURE, proposers=[BLIND, MINI])

    [blind] = asked(server, "gpt-3.5-turbo")
    assert blind["messages"][0]["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "text", "text": "[An image was attached here, which you cannot see]"},
    ]
    assert asked(server, "gpt-4o-mini")[0]["messages"] == WITH_PICTURE
    assert PICTURE in asked(server, "gpt-4o")[0]["messages"][-1]["content"]


async def test_a_model_nobody_knows_gets_the_image_and_the_final_call_always(models, ask):
    server = models()
    await ask(f"composite/moa/{BLIND}", WITH_PICTURE, proposers=["sim/acme/frontier-1"])

    assert [PICTURE in record.body["messages"][-1]["content"] for record in server.requests] == [True, True]


BEGUN = [*QUESTION, {"role": "assistant", "content": "Because of"}]


async def test_no_member_is_left_to_complete_an_assistants_turn(models, ask):
    server = models()
    await ask(MOA, BEGUN, proposers=[MINI])
    await ask(DIRECT, BEGUN)

    [member] = asked(server, "gpt-4o-mini")
    assert member["messages"][:2] == BEGUN
    assert member["messages"][-1]["role"] == "user"
    assert asked(server, "gpt-4o")[-1]["messages"] == BEGUN  # the client's own wish, where no member is asked


async def test_session_and_tags_are_on_the_spans_of_all(models, spans, ask):
    models()
    await ask(MOA, QUESTION, proposers=[MINI], metadata={"session_id": "s-1", "tags": ["blue"]})

    for role in ("proposer", "aggregator"):
        [span] = calls(spans, role)
        assert (span.attributes[c.SESSION_ID], span.attributes[c.TRACE_TAGS]) == ("s-1", ("blue",))


async def test_a_parameter_a_member_does_not_take_is_left_out_and_a_clients_is_refused(models, ask):
    """o3 takes no temperature; the strategy's is dropped, and nothing of the client's is lost in silence."""
    server = models()
    await ask(MOA, QUESTION, proposers=["sim/openai/o3"], member_temperature=0.3)

    assert "temperature" not in asked(server, "o3")[0]
    with pytest.raises(litellm.BadRequestError, match="temperature"):
        await ask("composite/direct/sim/openai/o3", QUESTION, temperature=0.3)


def test_everything_used_here_is_a_model_litellm_knows():
    """Else the markers above would say nothing."""
    entries = {name.removeprefix("sim/").split("/", 1)[1] for name in (GPT, MINI, SONNET, BLIND)}
    assert entries <= litellm.model_cost.keys()
