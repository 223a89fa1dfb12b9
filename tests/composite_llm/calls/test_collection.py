"""Calls side by side: quorum and grace, time limits, survivors, and what is booked of calls left behind."""

import asyncio
import signal
import subprocess
import sys

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from tests.collector.running import wait_until
from tests.composite_llm.calls.observed import (
    COUNCIL,
    DIRECT,
    MINI,
    MOA,
    NANO,
    QUESTION,
    SONNET,
    asked,
    calls,
    outcomes,
    request,
    stage,
    until,
)
from tests.held_answers import hold, meet

FOREVER = {"claude-sonnet-4-5": "timeout"}


async def test_a_quorum_goes_on_without_the_one_that_hangs(models, spans, ask):
    meet(models(faults=FOREVER), "gpt-4o-mini", "gpt-4.1-nano", "claude-sonnet-4-5")
    response = await ask(MOA, QUESTION, proposers=[MINI, SONNET, NANO], min_responses=2, grace_s=0)

    assert outcomes(spans, "proposer") == ["ok", "cancelled", "ok"]
    assert len(calls(spans, "aggregator")[0].links) == 2
    layer = stage(spans, "moa.layer1").attributes
    assert (layer[c.STAGE_SUCCEEDED], layer[c.STAGE_FAILED], layer[c.STAGE_LEFT_BEHIND]) == (2, 0, 1)
    receipt = composite_llm.receipt(response)
    assert receipt.degraded == []  # two were asked for, and two answered
    assert (receipt.cost_status, receipt.cost_usd) == ("partial", None)  # the third may be billed
    assert receipt.unpriced_models == [SONNET]
    assert receipt.known_cost_usd > 0
    assert request(spans).attributes[c.ROLLUP_COST_STATUS] == "partial"


async def test_one_that_answers_in_the_grace_is_read(models, spans, ask):
    server = models()
    hold(server, "gpt-4.1-nano", until=lambda: outcomes(spans, "proposer") == ["ok"])
    await ask(MOA, QUESTION, proposers=[MINI, NANO], min_responses=1, grace_s=60)

    assert outcomes(spans, "proposer") == ["ok", "ok"]
    assert len(calls(spans, "aggregator")[0].links) == 2


async def test_what_a_late_answer_used_is_known_when_it_ends_before_the_request(models, spans, ask):
    server = models()
    hold(server, "gpt-4.1-nano", until=lambda: len(server.requests) == 1 and server.in_flight == 2)
    meet(server, "gpt-4o-mini", "gpt-4.1-nano")
    hold(server, "gpt-4o", until=lambda: len(calls(spans, "proposer")) == 2)
    response = await ask(MOA, QUESTION, proposers=[MINI, NANO], min_responses=1, grace_s=0)

    assert outcomes(spans, "proposer") == ["ok", "discarded"]
    late = calls(spans, "proposer")[1]
    assert late.attributes[c.INPUT_TOKENS] == 5  # 20 characters
    assert len(calls(spans, "aggregator")[0].links) == 1
    receipt = composite_llm.receipt(response)
    assert receipt.cost_status == "known"
    assert receipt.cost_usd == pytest.approx(
        sum(
            span.attributes[c.COST_USD] for role in ("proposer", "aggregator") for span in calls(spans, role)
        ),
        abs=1e-15,
    )
    layer = stage(spans, "moa.layer1")
    assert layer.attributes[c.ROLLUP_CALLS] == 2
    assert layer.attributes[c.ROLLUP_COST_USD] == pytest.approx(
        sum(span.attributes[c.COST_USD] for span in calls(spans, "proposer")), abs=1e-15
    )
    assert layer.end_time < stage(spans, "moa.aggregate").start_time < late.end_time


async def test_member_timeout_ends_one_member_and_the_rest_answer(models, spans, ask, clock):
    server = models(faults=FOREVER)
    with clock.passing(300, once=lambda: outcomes(spans, "proposer") == ["ok"] and server.in_flight == 1):
        response = await ask(MOA, QUESTION, proposers=[MINI, SONNET], member_timeout_s=299)

    assert outcomes(spans, "proposer") == ["ok", "timeout"]
    assert calls(spans, "proposer")[1].attributes[c.ERROR_TYPE] == "timeout"
    assert composite_llm.receipt(response).degraded == ["moa.layer1: 1 of 2 answered"]
    assert stage(spans, "moa.layer1").attributes[c.DEGRADED] is True
    assert request(spans).attributes[c.DEGRADED] is True


async def test_member_timeout_is_not_for_the_final_call(models, spans, ask, clock):
    server = models()
    hold(server, "gpt-4o", until=lambda: clock.ahead > before)
    before = clock.ahead
    with clock.passing(300, once=lambda: len(server.requests) == 1 and server.in_flight == 1):
        await ask(MOA, QUESTION, proposers=[MINI], member_timeout_s=299)

    assert outcomes(spans, "aggregator") == ["ok"]


async def test_all_members_timing_out_is_a_timeout(models, spans, ask, clock):
    server = models(faults=FOREVER)
    with (
        clock.passing(300, once=lambda: server.in_flight == 2),
        pytest.raises(litellm.Timeout, match="did not answer within member_timeout_s=299"),
    ):
        await ask(MOA, QUESTION, proposers=[f"{SONNET} × 2"], member_timeout_s=299)

    assert outcomes(spans, "proposer") == ["timeout", "timeout"]


async def test_hard_timeout_leaves_the_final_call_its_time(models, spans, ask, clock):
    """The stage may take half of the 800 s where it has one answer; the client's own timeout is longer."""
    server = models(faults=FOREVER)
    with clock.passing(401, once=lambda: outcomes(spans, "proposer") == ["ok"] and server.in_flight == 1):
        response = await ask(MOA, QUESTION, proposers=[MINI, SONNET], hard_timeout_s=800, timeout=6000)

    assert outcomes(spans, "proposer") == ["ok", "cancelled"]
    assert outcomes(spans, "aggregator") == ["ok"]
    assert composite_llm.receipt(response).degraded == ["moa.layer1: 1 of 2 answered"]


async def test_hard_timeout_is_the_deadline_of_the_request(models, spans, ask, clock):
    server = models(faults={"gpt-4o": "timeout"})
    with (
        clock.passing(400, once=lambda: len(server.requests) == 1 and server.in_flight == 1),
        pytest.raises(litellm.Timeout, match="did not finish within its timeout of 400 s"),
    ):
        await ask(MOA, QUESTION, proposers=[MINI], hard_timeout_s=400, timeout=6000)

    assert outcomes(spans, "aggregator") == ["timeout"]
    assert request(spans).attributes[c.STOP_REASON] == "timeout"


async def test_the_first_answer_after_half_the_time_is_waited_for(models, spans, ask, clock):
    server = models(faults=FOREVER)
    hold(server, "gpt-4o-mini", until=lambda: clock.ahead > before)
    before = clock.ahead
    with clock.passing(401, once=lambda: server.in_flight == 2):
        await ask(MOA, QUESTION, proposers=[MINI, SONNET], hard_timeout_s=800)

    assert outcomes(spans, "proposer") == ["ok", "cancelled"]


async def test_a_single_survivor_is_given_out_where_that_is_wanted(models, spans, ask):
    server = models(faults={"claude-sonnet-4-5": "401"})
    response = await ask(MOA, QUESTION, proposers=[MINI, SONNET], single_survivor="return")

    [survivor] = [record for record in server.requests if record.outcome == "ok"]
    assert response.choices[0].message.content == survivor.answer
    assert calls(spans, "aggregator") == []
    assert MOA.endswith(response.model)  # of a stream LiteLLM tells it without the provider
    assert stage(spans, "moa.layer1").status.is_ok
    assert composite_llm.receipt(response).degraded == ["moa.layer1: 1 of 2 answered"]


async def test_a_single_survivor_is_not_given_out_to_a_client_with_tools(models, spans, ask):
    models(faults={"claude-sonnet-4-5": "401"})
    tools = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
    await ask(MOA, QUESTION, proposers=[MINI, SONNET], single_survivor="return", tools=tools)

    assert len(calls(spans, "aggregator")) == 1


async def test_a_member_that_was_alone_from_the_start_is_no_survivor(models, spans, ask):
    models()
    await ask(MOA, QUESTION, proposers=[MINI], single_survivor="return")

    assert outcomes(spans, "aggregator") == ["ok"]


async def test_when_all_fail_the_final_model_can_be_asked_alone(models, spans, ask):
    server = models(faults={"gpt-4o-mini": "401", "claude-sonnet-4-5": "empty"})
    response = await ask(MOA, QUESTION, proposers=[MINI, SONNET], on_all_failed="direct")

    assert outcomes(spans, "direct") == ["ok"]
    assert response.choices[0].message.content == server.requests[-1].answer
    assert asked(server, "gpt-4o")[0]["messages"] == QUESTION
    [why] = composite_llm.receipt(response).degraded
    assert why.startswith("moa.layer1: all 2 calls failed")
    assert why.endswith("; the final model was asked alone")


async def test_when_all_hang_the_final_model_is_asked_in_the_second_half_of_the_time(
    models, spans, ask, clock
):
    server = models(faults=FOREVER)
    with clock.passing(401, once=lambda: server.in_flight == 1):
        await ask(MOA, QUESTION, proposers=[SONNET], on_all_failed="direct", hard_timeout_s=800)

    assert outcomes(spans, "proposer") == ["cancelled"]
    assert outcomes(spans, "direct") == ["ok"]


async def test_when_all_fail_the_client_hears_of_it_otherwise(models, spans, ask):
    models(faults={"gpt-4o-mini": "401"})
    with pytest.raises(litellm.AuthenticationError, match="moa.layer1: all 1 calls failed"):
        await ask(MOA, QUESTION, proposers=[MINI])

    assert request(spans).attributes[c.STOP_REASON] == "error"


@pytest.mark.parametrize(("notice", "told"), [("loud", True), ("silent", False)])
async def test_the_final_call_can_be_told_who_is_missing(models, spans, ask, notice, told):
    server = models(faults={"claude-sonnet-4-5": "401"})
    await ask(MOA, QUESTION, proposers=[MINI, SONNET, NANO], degraded_notice=notice)

    prompt = str(asked(server, "gpt-4o")[0]["messages"])
    assert ("1 of the 3 assistants that were asked gave no answer" in prompt) is told
    assert "401" not in prompt
    assert "API key" not in prompt  # nothing of the provider's error, which may hold a secret


async def test_each_stage_of_a_council_has_the_quorum(models, spans, ask):
    """The hanging member is neither waited for as a member nor as a reviewer."""
    meet(models(faults=FOREVER), "gpt-4o-mini", "gpt-4.1-nano", "claude-sonnet-4-5")
    await ask(COUNCIL, QUESTION, council_models=[MINI, SONNET, NANO], min_responses=2, grace_s=0)

    assert outcomes(spans, "member") == ["ok", "cancelled", "ok"]
    assert outcomes(spans, "reviewer") == ["ok", "cancelled", "ok"]
    assert len(calls(spans, "chair")[0].links) == 2


async def test_a_task_that_is_cancelled_cancels_every_member(models, spans):
    server = models(faults={"*": "timeout"})
    task = asyncio.create_task(
        composite_llm.acompletion(MOA, QUESTION, proposers=[f"{MINI} × 4"], hedge_after_s=0.2)
    )
    await until(lambda: server.in_flight == 8)  # each with its hedge
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert outcomes(spans, "proposer") == ["cancelled"] * 8
    assert request(spans).attributes[c.STOP_REASON] == "cancelled"
    assert request(spans).attributes[c.ROLLUP_COST_STATUS] == "unknown"
    await until(lambda: server.in_flight == 0)


INTERRUPTED = f"""
import composite_llm, sys
try:
    composite_llm.completion({MOA!r}, {QUESTION!r}, proposers=[{MINI!r}] * 3)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.stdin.readline()
"""


def test_ctrl_c_cancels_every_member(models, monkeypatch, tmp_path):
    """The program lives on after it, so that nothing but the cancellation can have ended its calls."""
    server = models(faults={"*": "timeout"})
    monkeypatch.setenv("COMPOSITE_LLM_DATA", str(tmp_path))
    monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", "http://127.0.0.1:9")
    command = [sys.executable, "-c", INTERRUPTED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        try:
            wait_until(lambda: server.in_flight == 3, seconds=180)  # it loads LiteLLM first
            program.send_signal(signal.SIGINT)
            assert program.stdout.readline() == "interrupted\n"
            wait_until(lambda: server.in_flight == 0)
            assert program.poll() is None
        finally:
            program.kill()


async def test_a_request_leaves_no_task_behind(models, spans):
    models(faults=FOREVER)
    await composite_llm.acompletion(DIRECT, QUESTION)  # starts what lives as long as the process
    before = len(asyncio.all_tasks())
    for _ in range(3):
        await composite_llm.acompletion(
            MOA, QUESTION, proposers=[MINI, SONNET], min_responses=1, grace_s=0, hedge_after_s=5
        )

    await until(lambda: len(asyncio.all_tasks()) <= before)
