"""Limits of what a request may use: kept with calls side by side, and said where they were met."""

import asyncio

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.accounting.budget import Budget, Reservation
from composite_llm.accounting.estimates import Estimate
from composite_llm.accounting.ledger import CallRecord, Cost, Usage
from composite_llm.request.options import Limits
from tests.composite_llm.calls.observed import (
    DIRECT,
    GPT,
    MINI,
    MOA,
    NANO,
    QUESTION,
    asked,
    calls,
    outcomes,
    request,
    stage,
)
from tests.held_answers import meet

UNKNOWN = "sim/acme/frontier-1"


def wanted(input_tokens=100, longest=1000, usd_per_output=0.001):
    """A call that may cost up to $1.10: 100 tokens in and 1000 out at $1 a thousand."""
    return Estimate(input_tokens, 1, longest, input_tokens * 0.001, usd_per_output)


def ended(usage=None, usd=None, *, refused=False):
    cost = None if usd is None else Cost(usd)
    return CallRecord("s", "member", 0, 1, "m", "ok", 1.0, usage, cost, refused=refused)


async def reserved(budget, call=None, *, final=False, **how) -> Reservation:
    reservation = await budget.reserve(call or wanted(), final=final, **how)
    assert reservation is not None
    return reservation


async def test_what_a_call_did_not_use_is_there_for_the_next():
    budget = Budget(Limits(max_cost_usd=2.0, reserve_for_final=0, on_exceeded="stop"))
    first = await reserved(budget)
    assert budget.usd == pytest.approx(1.1)
    first.settle(ended(Usage(100, 200), 0.3))
    assert budget.usd == 0.3
    await reserved(budget)  # 0.3 + 1.1 fit into 2.0


async def test_a_call_that_may_have_been_billed_in_silence_keeps_its_reservation():
    budget = Budget(Limits(max_cost_usd=2.0, reserve_for_final=0, on_exceeded="stop"))
    (await reserved(budget)).settle(ended())
    assert (budget.usd, budget.tokens) == (pytest.approx(1.1), 1100)
    assert await budget.reserve(wanted(), final=False) is None
    assert budget.refused == 1


async def test_a_call_that_was_refused_used_nothing_but_counts():
    budget = Budget(Limits(max_cost_usd=2.0, max_calls=3))
    (await reserved(budget)).settle(ended(refused=True))
    assert (budget.usd, budget.tokens, budget.calls) == (0.0, 0, 1)


async def test_a_part_of_each_limit_is_kept_for_the_final_call():
    """$1.30 hold one call of $1.10, but not beside a fifth for the final one; of the calls one is kept."""
    budget = Budget(Limits(max_cost_usd=1.3, reserve_for_final=0.2, on_exceeded="stop"))
    assert await budget.reserve(wanted(), final=False) is None
    assert await budget.reserve(wanted(), final=True)

    calls_only = Budget(Limits(max_calls=2))
    assert await calls_only.reserve(wanted(), final=False)
    assert await calls_only.reserve(wanted(), final=False, patient=False) is None
    assert await calls_only.reserve(wanted(), final=True)


async def test_a_call_is_shortened_to_what_is_left_and_refused_below_what_is_worth_reading():
    budget = Budget(Limits(max_tokens=1000, reserve_for_final=0))
    first = await reserved(budget)
    assert (first.max_tokens, first.tokens) == (900, 1000)  # 100 of the 1000 are the question
    first.settle(ended(Usage(100, 700), None))
    assert await budget.reserve(wanted(), final=False) is None  # 200 are left: an answer of 100
    assert (budget.shortened, budget.refused) == (1, 1)


async def test_calls_side_by_side_share_what_is_left():
    budget = Budget(Limits(max_cost_usd=1.0, reserve_for_final=0))
    shares = [await reserved(budget, among=among) for among in (4, 3, 2, 1)]
    assert [share.max_tokens for share in shares] == [150, 150, 150, 150]  # $0.25 each, 0.10 for the question
    assert budget.usd == pytest.approx(1.0)


async def test_what_does_not_fit_waits_for_calls_in_flight():
    budget = Budget(Limits(max_cost_usd=1.5, reserve_for_final=0, on_exceeded="stop"))
    first = await reserved(budget)
    second = asyncio.create_task(budget.reserve(wanted(), final=False))
    await asyncio.sleep(0)
    assert not second.done()
    first.settle(ended(Usage(100, 100), 0.2))
    assert await second
    assert budget.refused == 0


async def test_nobody_waits_for_a_call_that_was_left_behind():
    budget = Budget(Limits(max_cost_usd=1.5, reserve_for_final=0, on_exceeded="stop"))
    (await reserved(budget)).release()
    assert await budget.reserve(wanted(), final=False) is None


async def test_a_composite_inside_another_draws_on_both_budgets():
    outer = Budget(Limits(max_calls=3))
    inner = Budget(Limits(max_calls=10), parent=outer)
    await reserved(inner)
    await reserved(inner)
    assert (
        await inner.reserve(wanted(), final=True, patient=False) is None
    )  # the third is the outer final call's
    assert await Budget(Limits(), parent=outer, as_final=True).reserve(wanted(), final=True)
    assert (outer.calls, inner.calls) == (3, 2)


async def test_sixteen_calls_at_once_never_hold_more_than_the_limit():
    """Each ends at another moment and uses another part of what it reserved."""
    budget = Budget(Limits(max_cost_usd=3.0, max_calls=200, reserve_for_final=0, on_exceeded="stop"))
    most = 0.0

    async def call(index):
        nonlocal most
        reservation = await budget.reserve(wanted(), final=False)
        if reservation is None:
            return 0.0
        most = max(most, budget.usd)
        await asyncio.sleep(0.001 * (index % 3))
        reservation.settle(ended(Usage(100, 10 * index), usd := 0.01 * index))
        return usd

    used = sum(await asyncio.gather(*(call(index) for index in range(16))))
    assert used == pytest.approx(1.2)  # 0.01 × (0 + 1 + … + 15): all were made
    assert most <= 3.0 + 1e-9
    assert budget.usd == pytest.approx(used, abs=1e-12)


async def test_sixteen_members_at_once_stay_within_the_dollars(models, spans, ask):
    """Each may take 16,384 tokens × $0.60/M = $0.0098, and all together nine tenths of $0.03: a sixteenth of
    that is $0.0016875, which pays for the question, 13 tokens × $0.15/M, and an answer of 2809 tokens."""
    server = models()
    meet(server, *["gpt-4o-mini"] * 16)
    response = await ask(MOA, QUESTION, proposers=[f"{MINI} × 16"], max_cost_usd=0.03, max_tokens=100)

    assert litellm.token_counter("gpt-4o-mini", messages=QUESTION) == 13
    longest = [body["max_tokens"] for body in asked(server, "gpt-4o-mini")]
    assert len(longest) == 16
    assert min(longest) == 2809
    assert sum(13 * 0.15e-6 + tokens * 0.6e-6 for tokens in longest) <= 0.027 + 1e-12
    assert server.max_in_flight == 16
    receipt = composite_llm.receipt(response)
    assert (receipt.budget.shortened, receipt.budget.refused) == (16, 0)
    assert receipt.cost_status == "known"
    assert receipt.cost_usd <= 0.03


async def test_sixteen_members_that_fit_one_by_one_take_turns(models, spans, ask):
    """With `stop` nothing is shortened. An answer of 1000 tokens may cost $0.0006, so of $0.0027 four hold."""
    server = models()
    budget = {"max_cost_usd": 0.003, "on_exceeded": "stop"}
    response = await ask(
        f"composite/moa/{MINI}",
        QUESTION,
        proposers=[f"{MINI} × 16"],
        member_max_tokens=1000,
        max_tokens=50,
        budget=budget,
    )

    assert outcomes(spans, "proposer") == ["ok"] * 16
    assert server.max_in_flight <= 4
    receipt = composite_llm.receipt(response)
    assert receipt.cost_usd <= 0.003
    assert receipt.budget.shortened == 0


async def test_members_that_do_not_fit_are_left_out_and_the_answer_says_so(models, spans, ask):
    server = models()
    response = await ask(MOA, QUESTION, proposers=[f"{MINI} × 6"], max_calls=4)

    assert len(server.requests) == 4
    assert outcomes(spans, "proposer") == ["ok"] * 3
    assert outcomes(spans, "aggregator") == ["ok"]
    receipt = composite_llm.receipt(response)
    assert receipt.degraded == ["moa.layer1: 3 of 6 answered"]
    assert (receipt.budget.max_calls, receipt.budget.refused) == (4, 3)
    layer = stage(spans, "moa.layer1").attributes
    assert layer[c.DEGRADED] is True
    assert "there was no room for it in max_calls=4" in layer[c.LANGFUSE_STATUS_MESSAGE]
    root = request(spans).attributes
    assert (root[c.BUDGET_CALLS], root[c.BUDGET_REFUSED], root[c.STOP_REASON]) == (4, 3, "complete")


async def test_without_room_for_a_single_member_the_final_model_answers_alone(models, spans, ask):
    server = models()
    response = await ask(MOA, QUESTION, proposers=[MINI], max_calls=1)

    assert [body["messages"] for body in asked(server, "gpt-4o")] == [QUESTION]
    assert composite_llm.receipt(response).degraded[0].endswith("the final model was asked alone")


async def test_without_room_for_the_final_call_an_answer_it_would_have_read_is_given(models, spans, ask):
    """The question takes 407 of the 1100 tokens; after one answer the rest is too short for another."""
    server = models()
    usage = {"max_tokens": 1100, "reserve_for_final": 0}
    response = await ask(MOA, [{"role": "user", "content": "x" * 3200}], proposers=[MINI], budget=usage)

    assert [record.model for record in server.requests] == ["openai/gpt-4o-mini"]
    assert response.choices[0].message.content == server.requests[0].answer
    assert "was given out instead" in composite_llm.receipt(response).degraded[-1]


async def test_the_final_call_is_shortened_to_what_is_left(models, spans, ask):
    """$10/M and the question's $0.00003: $0.005 pay for 496 tokens."""
    server = models()
    response = await ask(DIRECT, QUESTION, max_cost_usd=0.005)

    [body] = asked(server, "gpt-4o")
    tokens = litellm.token_counter("gpt-4o", messages=QUESTION)
    assert body["max_tokens"] == int((0.005 - tokens * 2.5e-6) / 1e-5)
    assert composite_llm.receipt(response).cost_usd <= 0.005
    assert request(spans).attributes[c.BUDGET_USD] == 0.005
    assert request(spans).attributes[c.BUDGET_SHORTENED] == 1


async def test_an_answer_that_the_budget_cut_is_called_degraded(models, spans, ask):
    """$0.0015 pay for less than 150 tokens; the server says more than that to this question."""
    models()
    long = [{"role": "user", "content": "Tell all there is to tell about the sky, at the greatest length."}]
    response = await ask(f"composite/direct/{GPT}", long, max_cost_usd=0.0015)

    assert response.choices[0].finish_reason == "length"
    [why] = composite_llm.receipt(response).degraded
    assert why.startswith(f"direct: direct {GPT} was cut at ")


@pytest.mark.parametrize("parameters", [{"max_calls": 3}, {"max_cost_usd": 0.001}])
async def test_a_request_can_stop_at_its_budget_instead(models, spans, ask, parameters):
    server = models()
    with pytest.raises(litellm.BadRequestError) as error:
        await ask(MOA, QUESTION, proposers=[f"{MINI} × 4"], budget={**parameters, "on_exceeded": "stop"})

    [(name, limit)] = parameters.items()
    assert f"The budget ({name}={limit}) has no room for proposer {MINI}" in str(error.value)
    root = request(spans)
    assert (root.attributes[c.STOP_REASON], root.attributes[c.ERROR_TYPE]) == ("budget", "budget_exceeded")
    assert calls(spans, "aggregator") == []
    assert len(server.requests) <= 2


async def test_without_room_for_any_call_the_request_fails_for_its_budget(models, spans, ask):
    server = models()
    with pytest.raises(litellm.BadRequestError, match="The budget .* has no room for direct"):
        await ask(MOA, QUESTION, proposers=[MINI], max_cost_usd=0.00001)

    assert server.requests == []
    assert request(spans).attributes[c.STOP_REASON] == "budget"


async def test_a_router_does_not_run_again_what_its_budget_stopped(models, spans):
    server = models()
    budget = {"max_calls": 1, "on_exceeded": "stop"}
    # A model of its own: LiteLLM remembers a Router's models, without a price, for the whole process.
    deployment = {"model": f"composite/moa/{NANO}", "proposers": [MINI], "budget": budget}
    router = litellm.Router(model_list=[{"model_name": "team", "litellm_params": deployment}])
    with pytest.raises(litellm.BadRequestError, match="The budget"):
        await router.acompletion("team", QUESTION)

    assert server.requests == []
    assert request(spans).attributes[c.STOP_REASON] == "budget"


async def test_dollars_cannot_be_limited_for_a_model_without_a_price(models, spans, ask):
    server = models()
    with pytest.raises(litellm.BadRequestError, match="no price is known for sim/acme/frontier-1"):
        await ask(MOA, QUESTION, proposers=[MINI, UNKNOWN], max_cost_usd=1)
    assert server.requests == []

    await ask(MOA, QUESTION, proposers=[MINI, UNKNOWN], max_calls=3)
    await ask(MOA, QUESTION, proposers=[MINI, UNKNOWN], budget={"max_tokens": 100_000})


async def test_a_retry_is_paid_for_like_a_first_attempt(models, spans, ask):
    server = models(faults={"gpt-4o-mini": "503"})
    await ask(MOA, QUESTION, proposers=[MINI, NANO], max_calls=3)

    assert len(server.requests) == 3
    assert outcomes(spans, "proposer") == ["error", "ok"]


@pytest.mark.parametrize("on_exceeded", ["degrade", "stop"])
async def test_a_hedge_is_not_sent_where_there_is_no_room_for_it(models, spans, ask, on_exceeded):
    models(delays={"gpt-4o-mini": 0.5})
    budget = {"max_calls": 2, "on_exceeded": on_exceeded}
    response = await ask(MOA, QUESTION, proposers=[MINI], budget=budget, hedge_after_s=0.1)

    assert composite_llm.receipt(response).budget.refused == 0  # nothing that was needed
    assert outcomes(spans, "proposer") == ["ok"]
    assert outcomes(spans, "aggregator") == ["ok"]


async def test_a_call_left_behind_does_not_hold_up_the_final_one(models, spans, ask):
    meet(models(faults={"claude-sonnet-4-5": "timeout"}), "gpt-4o-mini", "claude-sonnet-4-5")
    sonnet = "sim/anthropic/claude-sonnet-4-5"
    limits = {"max_cost_usd": 0.2}  # 64,000 tokens × $15/M would be $0.96
    response = await ask(MOA, QUESTION, proposers=[MINI, sonnet], min_responses=1, grace_s=0, budget=limits)

    assert outcomes(spans, "proposer") == ["ok", "cancelled"]
    assert outcomes(spans, "aggregator") == ["ok"]
    assert composite_llm.receipt(response).cost_status == "partial"


async def test_content_nobody_can_count_is_estimated_by_its_length(models, ask):
    """A token a character is more than any tokenizer makes of it: some 90 do not fit into 80."""
    models()
    recording = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    message = [{"role": "user", "content": [recording]}]
    with pytest.raises(litellm.BadRequestError, match="max_tokens=80"):
        await ask(DIRECT, message, budget={"max_tokens": 80, "on_exceeded": "stop"}, max_tokens=1)


async def test_an_image_is_counted_without_fetching_it(models, ask):
    server = models()
    image = {"type": "image_url", "image_url": {"url": f"{server.url}/picture.png", "detail": "high"}}
    await ask(DIRECT, [{"role": "user", "content": [image]}], max_cost_usd=1)

    assert [record.outcome for record in server.requests] == ["ok"]


async def test_composites_inside_draw_on_the_budget_of_the_whole(models, spans, ask):
    """Of three calls one is the outer final one's, so one of the three inner composites is left out."""
    server = models()
    inner = f"composite/direct/{MINI}"
    response = await ask(MOA, QUESTION, proposers=[inner] * 3, budget={"max_calls": 3}, max_composite_depth=1)

    assert [record.model for record in server.requests] == ["openai/gpt-4o-mini"] * 2 + ["openai/gpt-4o"]
    receipt = composite_llm.receipt(response)
    assert receipt.degraded == ["moa.layer1: 2 of 3 answered"]
    assert receipt.budget.refused == 1
    assert len(receipt.calls) == 3
    assert receipt.cost_usd == pytest.approx(sum(call.cost.total for call in receipt.calls), abs=1e-15)


PAIR = f"""
profiles:
  pair: {{strategy: moa, model: {NANO}, proposers: [{MINI}, sim/anthropic/claude-sonnet-4-5]}}
"""


async def test_what_an_inner_composite_lacks_is_said_by_the_outer_one(models, ask, tmp_path, monkeypatch):
    (tmp_path / "pair.yaml").write_text(PAIR)
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(tmp_path / "pair.yaml"))
    models(faults={"claude-sonnet-4-5": "401"})
    inner = "composite/profile/pair"
    response = await ask(MOA, QUESTION, proposers=[inner, MINI], max_composite_depth=1)

    assert composite_llm.receipt(response).degraded == [f"moa.layer1: {inner}: moa.layer1: 1 of 2 answered"]


async def test_a_call_tells_how_long_it_waited_for_room(models, spans, ask):
    """Members may write 800 tokens each: of 1400 there is room for one beside the question, then for the other."""
    models()
    budget = {"max_tokens": 1400, "reserve_for_final": 0, "on_exceeded": "stop"}
    await ask(MOA, QUESTION, proposers=[f"{MINI} × 2"], member_max_tokens=800, max_tokens=50, budget=budget)

    first, waiting = sorted(calls(spans, "proposer"), key=lambda span: span.start_time)
    assert first.end_time <= waiting.start_time
    assert waiting.attributes[c.CALL_QUEUE_MS] > first.attributes[c.CALL_QUEUE_MS] >= 0
    assert c.CALL_QUEUE_MS in calls(spans, "aggregator")[0].attributes

    spans.clear()
    await ask(DIRECT, QUESTION)
    assert c.CALL_QUEUE_MS not in calls(spans, "direct")[0].attributes  # it is sent at once
