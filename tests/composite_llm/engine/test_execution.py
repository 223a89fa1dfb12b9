"""Composite requests over real HTTP: spans, sums, and what happens when calls fail."""

import asyncio
import json
from typing import ClassVar

import litellm
import pytest
from litellm.integrations.custom_logger import CustomLogger
from openai import OpenAIError

import composite_llm
from composite_llm import conventions as c
from composite_llm.simulator import Simulator
from tests.held_answers import meet
from tests.outline import outline

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"


def told(**directive):
    """Tells the simulator how to answer one call."""
    return {"extra_body": {"simulator": directive}}


RECORDED = {
    "instruction": "Why is the sky blue?",
    "outputs": {
        "gpt-4o-mini": {"content": "Air.", "usage": {"prompt_tokens": 2000, "completion_tokens": 500}},
        "claude-sonnet-4-5": {
            "content": "Light.",
            "usage": {"prompt_tokens": 1500, "completion_tokens": 300},
        },
        "gpt-4o": {"content": "Scattering.", "usage": {"prompt_tokens": 3000, "completion_tokens": 700}},
    },
}


@pytest.fixture
def recorded_usage(tmp_path, monkeypatch):
    """A model server on which each model reports what it is said to have used."""
    file = tmp_path / "answers.jsonl"
    file.write_text(json.dumps(RECORDED))
    with Simulator(speed=0, replay=file) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        composite_llm.register()
        yield server


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def by_role(spans, role):
    """In the order the strategy asked; calls that run side by side end in any."""
    calls = [span for span in spans.get_finished_spans() if span.attributes.get(c.CALL_ROLE) == role]
    return sorted(
        calls,
        key=lambda span: (span.attributes[c.CALL_INDEX], span.attributes[c.CALL_ATTEMPT], span.start_time),
    )


def request_span(spans):
    [span] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    return span


def test_direct_is_one_call(simulator, spans):
    response = litellm.completion("composite/direct/" + GPT, QUESTION)

    assert response.model == "composite/direct/" + GPT
    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/direct
  stage direct
    chat gpt-4o (direct)"""
    )


def test_moa_asks_its_proposers_then_the_aggregator(simulator, spans):
    litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[f"{MINI} × 2", SONNET], layers=3)

    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/moa
  stage moa.layer1
    chat gpt-4o-mini (proposer)
    chat gpt-4o-mini (proposer)
    chat claude-sonnet-4-5 (proposer)
  stage moa.layer2
    chat gpt-4o-mini (proposer)
    chat gpt-4o-mini (proposer)
    chat claude-sonnet-4-5 (proposer)
  stage moa.aggregate
    chat gpt-4o (aggregator)"""
    )


def test_moa_with_a_window_reads_answers_step_by_step(simulator, spans):
    """Six answers in windows of three: 3, then its synthesis and 2, then its synthesis and 1."""
    litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[f"{MINI} × 6"], window=3)

    aggregations = by_role(spans, "aggregator")
    assert [len(span.links) for span in aggregations] == [3, 3, 2]


def test_a_council_answers_reviews_and_concludes(simulator, spans):
    litellm.completion(
        "composite/council/" + GPT, QUESTION, council_models=[MINI, SONNET], review_models=[GPT]
    )

    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/council
  stage council.answers
    chat gpt-4o-mini (member)
    chat claude-sonnet-4-5 (member)
  stage council.review
    chat gpt-4o (reviewer)
  stage council.chair
    chat gpt-4o (chair)"""
    )


def test_the_council_keeps_who_ranked_whom(simulator, spans):
    litellm.completion("composite/council/" + GPT, QUESTION, council_models=[f"{MINI} × 3", SONNET])

    [review] = [span for span in spans.get_finished_spans() if span.name == "stage council.review"]
    ballots = json.loads(review.attributes[c.COUNCIL_BALLOTS])
    assert [ballot["reviewer"] for ballot in ballots] == [0, 1, 2, 3]
    assert all(sorted(ballot["ranking"]) == [0, 1, 2, 3] for ballot in ballots)
    assert len({tuple(ballot["members"]) for ballot in ballots}) > 1  # each saw an order of its own
    means = json.loads(review.attributes[c.COUNCIL_MEAN_RANKS])
    for member in range(4):
        places = [ballot["ranking"].index(member) + 1 for ballot in ballots]
        assert means[str(member)] == pytest.approx(sum(places) / 4)


def test_members_can_be_kept_from_ranking_their_own_answer(simulator, spans):
    litellm.completion(
        "composite/council/" + GPT, QUESTION, council_models=[GPT, MINI, SONNET], exclude_self=True
    )

    [review] = [span for span in spans.get_finished_spans() if span.name == "stage council.review"]
    ballots = json.loads(review.attributes[c.COUNCIL_BALLOTS])
    assert [sorted(ballot["ranking"]) for ballot in ballots] == [[1, 2], [0, 2], [0, 1]]
    assert [len(span.links) for span in by_role(spans, "reviewer")] == [2, 2, 2]
    means = json.loads(review.attributes[c.COUNCIL_MEAN_RANKS])
    for member in range(3):
        places = [ballot["ranking"].index(member) + 1 for ballot in ballots if member in ballot["ranking"]]
        assert means[str(member)] == pytest.approx(sum(places) / 2)


def test_usage_and_cost_are_the_sum_of_the_calls(recorded_usage, spans):
    """Prices per million: gpt-4o $2.50 and $10, gpt-4o-mini $0.15 and $0.60, claude-sonnet-4-5 $3 and $15.

    proposers  gpt-4o-mini        2,000 in   500 out   0.0003 + 0.0003  = 0.0006
               claude-sonnet-4-5  1,500 in   300 out   0.0045 + 0.0045  = 0.0090
    aggregator gpt-4o             3,000 in   700 out   0.0075 + 0.0070  = 0.0145
    """
    response = litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[MINI, SONNET])

    assert response._hidden_params["response_cost"] == pytest.approx(0.0241, abs=1e-12)
    assert (response.usage.prompt_tokens, response.usage.completion_tokens) == (6500, 1500)
    request = request_span(spans).attributes
    assert request[c.ROLLUP_COST_USD] == pytest.approx(0.0241, abs=1e-12)
    assert (request[c.ROLLUP_INPUT_TOKENS], request[c.ROLLUP_OUTPUT_TOKENS]) == (6500, 1500)
    [call] = by_role(spans, "aggregator")
    assert call.attributes[c.COST_USD] == pytest.approx(0.0145, abs=1e-12)
    assert json.loads(call.attributes[c.LANGFUSE_COST]) == pytest.approx(
        {"input": 0.0075, "output": 0.007, "total": 0.0145}
    )
    assert composite_llm.receipt(response).cost_usd == pytest.approx(0.0241, abs=1e-12)


def test_only_calls_carry_model_usage_and_cost(simulator, spans):
    litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[MINI])

    billable = ("gen_ai.usage.", "gen_ai.request.model", "gen_ai.response.model", "llm.", "composite.cost.")
    billable += (c.LANGFUSE_USAGE, c.LANGFUSE_COST, c.MLFLOW_COST)
    for span in spans.get_finished_spans():
        carried = {prefix for prefix in billable if any(key.startswith(prefix) for key in span.attributes)}
        assert carried == (set(billable) if span.attributes[c.SPAN_TYPE] == c.LLM_CALL else set())
        assert c.OPERATION in span.attributes
        assert span.attributes[c.STRATEGY] == "moa"


def test_cached_and_reasoning_tokens_are_kept_in_the_sum(simulator):
    usage = {
        "prompt_tokens": 2000,
        "completion_tokens": 500,
        "prompt_tokens_details": {"cached_tokens": 1536},
        "completion_tokens_details": {"reasoning_tokens": 320},
    }
    response = litellm.completion("composite/direct/" + GPT, QUESTION, **told(usage=usage))

    assert response.usage.prompt_tokens_details.cached_tokens == 1536
    assert response.usage.completion_tokens_details.reasoning_tokens == 320
    # gpt-4o: 464 fresh × $2.50/M + 1536 cached × $1.25/M + 500 × $10/M
    assert response._hidden_params["response_cost"] == pytest.approx(0.00116 + 0.00192 + 0.005, abs=1e-12)


def test_a_model_without_a_price_leaves_the_cost_unknown(simulator, spans):
    response = litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[MINI, "sim/acme/frontier-1"])

    assert response._hidden_params["response_cost"] is None
    receipt = composite_llm.receipt(response)
    assert (receipt.cost_status, receipt.cost_usd) == ("partial", None)
    assert receipt.unpriced_models == ["sim/acme/frontier-1"]
    assert receipt.known_cost_usd > 0
    unpriced = by_role(spans, "proposer")[1]
    assert unpriced.attributes[c.COST_SOURCE] == "unknown"
    assert not any(
        key in unpriced.attributes for key in (c.COST_USD, c.GEN_AI_COST, c.LLM_COST_TOTAL, c.LANGFUSE_COST)
    )


def test_the_final_call_gets_the_clients_parameters_and_the_members_do_not(simulator):
    litellm.completion(
        "composite/moa/" + GPT, QUESTION, proposers=[MINI], temperature=0.2, max_tokens=7, stop=["."], seed=40
    )

    proposer, aggregator = simulator.requests[-2:]
    assert aggregator.body["temperature"] == 0.2
    assert aggregator.body["max_tokens"] == 7
    assert proposer.body["temperature"] == 0.7
    assert proposer.body["seed"] == 40
    assert "max_tokens" not in proposer.body
    assert "stop" not in proposer.body


def test_samples_of_one_model_get_seeds_of_their_own(simulator):
    litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[f"{MINI} × 3"], seed=40)

    assert sorted(record.body["seed"] for record in simulator.requests[-4:-1]) == [40, 41, 42]


def test_a_call_that_may_succeed_later_is_tried_again_as_a_span_of_its_own(simulator, spans):
    litellm.completion("composite/direct/" + GPT, QUESTION, **told(fault="503", times=1))

    assert (
        outline(spans.get_finished_spans())
        == """\
invoke_workflow composite/direct
  stage direct
    chat gpt-4o (direct) error
    chat gpt-4o (direct)"""
    )
    first, second = by_role(spans, "direct")
    assert first.attributes[c.CALL_ID] == second.attributes[c.CALL_ID]
    assert (first.attributes[c.CALL_ATTEMPT], second.attributes[c.CALL_ATTEMPT]) == (1, 2)


def test_a_request_the_model_refuses_is_not_tried_again(simulator, spans):
    with pytest.raises(litellm.AuthenticationError, match="direct sim/openai/gpt-4o: AuthenticationError"):
        litellm.completion("composite/direct/" + GPT, QUESTION, **told(fault="401"))

    assert len(by_role(spans, "direct")) == 1
    assert request_span(spans).attributes[c.STOP_REASON] == "error"
    assert not request_span(spans).status.is_ok


def test_the_timeout_is_the_deadline_of_the_whole_request(simulator, spans, clock):
    with (
        clock.passing(400, once=lambda: simulator.in_flight),
        pytest.raises(litellm.Timeout, match="did not finish within its timeout of 400 s"),
    ):
        litellm.completion("composite/direct/" + GPT, QUESTION, timeout=400, **told(delay_s=6000))

    [call] = by_role(spans, "direct")
    assert call.attributes[c.CALL_OUTCOME] == "timeout"
    assert request_span(spans).attributes[c.ERROR_TYPE] == "timeout"


async def test_a_client_that_leaves_cancels_the_calls_in_flight(simulator, spans):
    request = asyncio.create_task(
        composite_llm.acompletion("composite/direct/" + GPT, QUESTION, **told(delay_s=6000))
    )
    await until(lambda: simulator.in_flight)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request

    [call] = by_role(spans, "direct")
    assert call.attributes[c.CALL_OUTCOME] == "cancelled"
    assert request_span(spans).attributes[c.STOP_REASON] == "cancelled"
    await until(lambda: not simulator.in_flight)


async def test_a_sync_call_works_inside_a_running_loop(simulator, spans):
    response = litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[MINI])

    assert response.choices[0].message.content


def test_the_request_is_a_child_of_the_callers_span(simulator, spans):
    from opentelemetry.sdk.trace import TracerProvider

    with TracerProvider().get_tracer("caller").start_as_current_span("handle order") as caller:
        litellm.completion("composite/direct/" + GPT, QUESTION)

    assert request_span(spans).parent.span_id == caller.get_span_context().span_id
    assert len({span.context.trace_id for span in spans.get_finished_spans()}) == 1


def test_session_user_and_tags_stand_on_every_span(simulator, spans):
    metadata = {"session_id": "s-1", "user_id": "u-1", "tags": ["blue", "sky"]}
    litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[MINI], metadata=metadata)

    for span in spans.get_finished_spans():
        assert span.attributes[c.SESSION_ID] == "s-1"
        assert span.attributes[c.USER_ID] == "u-1"
        assert span.attributes[c.TRACE_TAGS] == ("blue", "sky")


def test_content_can_be_left_out(simulator, spans, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "none")
    litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[MINI])

    assert "sky" not in str([dict(span.attributes) for span in spans.get_finished_spans()]).lower()


def test_proposers_are_asked_side_by_side(monkeypatch, spans):
    """None of the six is answered before all of them have come."""
    composite_llm.register()
    with Simulator(speed=0) as server:
        meet(server, *["gpt-4o-mini"] * 6)
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        litellm.completion("composite/moa/" + GPT, QUESTION, proposers=[f"{MINI} × 6"], seed=1)

        assert server.max_in_flight == 6


def test_the_callers_trace_goes_on_over_http(simulator, spans):
    """A proxy hands over the headers of its client's request."""
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    request = {"proxy_server_request": {"headers": {"traceparent": traceparent}}}
    litellm.completion("composite/direct/" + GPT, QUESTION, **request)

    assert f"{request_span(spans).context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
    assert f"{request_span(spans).parent.span_id:016x}" == "b7ad6b7169203331"


async def test_a_callback_hears_of_the_request_once_with_its_whole_cost(recorded_usage, monkeypatch):
    class Heard(CustomLogger):
        costs: ClassVar = []

        async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
            self.costs.append(kwargs["response_cost"])

    monkeypatch.setattr(litellm, "callbacks", [Heard()])
    await composite_llm.acompletion("composite/moa/" + GPT, QUESTION, proposers=[MINI, SONNET])
    await until(lambda: Heard.costs)
    await asyncio.sleep(0.2)

    assert Heard.costs == [pytest.approx(0.0241, abs=1e-12)]


def test_a_router_reaches_it_by_name_and_by_wildcard(simulator, spans):
    composite_llm.register()
    named = {"model": "composite/moa/" + GPT, "proposers": [MINI], "num_retries": 0}
    router = litellm.Router(
        model_list=[
            {"model_name": "team", "litellm_params": named},
            {"model_name": "composite/*", "litellm_params": {"model": "composite/*", "num_retries": 0}},
        ]
    )

    assert router.completion("team", QUESTION).model == "composite/moa/" + GPT
    assert router.completion("composite/direct/" + GPT, QUESTION).model == "composite/direct/" + GPT


def test_long_content_loses_its_middle_and_says_so(simulator, spans):
    long = [{"role": "user", "content": "start " + "x" * 100_000 + " end"}]
    litellm.completion("composite/direct/" + GPT, long)

    [call] = by_role(spans, "direct")
    [message] = json.loads(call.attributes[c.INPUT_VALUE])
    assert message["content"].startswith("start xxx")
    assert message["content"].endswith("xxx end")
    assert "characters left out" in message["content"]
    assert len(call.attributes[c.INPUT_VALUE]) < 40_000
    assert call.attributes[c.CONTENT_TRUNCATED] is True


def test_a_long_conversation_keeps_its_ends(simulator, spans):
    turns = [
        {"role": "user" if turn % 2 == 0 else "assistant", "content": f"turn {turn}"} for turn in range(2001)
    ]
    litellm.completion("composite/direct/" + GPT, turns)

    [call] = by_role(spans, "direct")
    told = json.loads(call.attributes[c.INPUT_VALUE])
    assert (told[0]["content"], told[-1]["content"]) == ("turn 0", "turn 2000")
    assert len(told) == 129
    assert call.attributes[c.CONTENT_TRUNCATED] is True


def test_content_of_an_unknown_shape_is_recorded_and_refused_before_a_call(simulator, spans):
    messages = [
        {"role": "user", "content": ["Why is the sky blue?"]},
        {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "look"}}]},
    ]
    before = len(simulator.requests)
    with pytest.raises(OpenAIError):
        litellm.completion("composite/direct/" + GPT, messages)

    [request] = spans.get_finished_spans()
    assert "look" in request.attributes[c.INPUT_VALUE]
    assert not request.status.is_ok
    assert len(simulator.requests) == before


def test_every_answer_of_a_call_for_several_is_recorded(simulator, spans):
    response = litellm.completion("composite/direct/" + GPT, QUESTION, n=2)

    assert len(response.choices) == 2
    [call] = by_role(spans, "direct")
    assert len(json.loads(call.attributes[c.OUTPUT_MESSAGES])) == 2


def test_runs_of_one_configuration_have_one_hash(simulator, spans):
    for parameters in (
        {"proposers": [f"{MINI} × 2"], "seed": 1},
        {"proposers": [MINI, MINI], "layers": 2, "seed": 2},
        {"proposers": [MINI, SONNET]},
    ):
        litellm.completion("composite/moa/" + GPT, QUESTION, **parameters)

    hashes = [
        span.attributes[c.CONFIG_HASH]
        for span in spans.get_finished_spans()
        if span.attributes[c.SPAN_TYPE] == c.REQUEST
    ]
    assert hashes[0] == hashes[1] != hashes[2]
