"""One request for a page: what is told while it runs, and what a way out leaves."""

import json
import threading

import pytest

from composite_llm.one_request.asked import Asked, Order
from composite_llm.one_request.running import keys_missing, run
from composite_llm.one_request.telling import Listener
from composite_llm.plugins.registry import install
from composite_llm.simulator import Simulator
from tests.held_answers import hold

MINI, GPT = "sim/openai/gpt-4o-mini", "sim/openai/gpt-4o"


def moa(**more):
    return Asked(
        model=f"composite/moa/{GPT}", question="Why?", parameters={"proposers": [f"{MINI} × 2"]}, **more
    )


@pytest.fixture
def events(capsys):
    """What was told until now."""

    def told():
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return told


@pytest.fixture
def listener():
    listening = Listener()
    install(listening)
    return listening


def of(events, kind):
    return [event for event in events if event["event"] == kind]


def test_it_tells_which_trace_it_is_each_call_the_words_and_the_receipt(simulator, listener, events, spans):
    run(moa(), threading.Event(), listener)

    told = events()
    [began], [ended] = of(told, "began"), of(told, "ended")
    assert began["trace_id"] == ended["receipt"]["trace_id"]
    assert {f"{span.context.trace_id:032x}" for span in spans.get_finished_spans()} == {began["trace_id"]}
    assert [event["call"]["model"] for event in of(told, "call")] == [MINI, MINI, GPT]
    assert ended["state"] == "answered"
    costs = [event["call"]["cost"]["total"] for event in of(told, "call")]
    assert ended["receipt"]["known_cost_usd"] == pytest.approx(sum(costs), abs=1e-12)
    assert "".join(event["text"] for event in of(told, "words"))
    assert of(told, "progress")


def test_a_system_prompt_and_limits_go_with_it(simulator, listener, events):
    run(
        moa(system="Be brief.").model_copy(update={"parameters": {"proposers": [MINI], "max_calls": 1}}),
        threading.Event(),
        listener,
    )

    [ended] = of(events(), "ended")
    assert ended["receipt"]["budget"]["max_calls"] == 1
    assert moa(system="Be brief.").messages[0] == {"role": "system", "content": "Be brief."}


def test_cancelled_while_a_call_waits_it_tells_what_was_spent_and_leaves_its_spans(
    listener, events, spans, monkeypatch
):
    cancelled = threading.Event()
    with Simulator(speed=0, windows=False) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        hold(server, "gpt-4o", cancelled.set)  # as soon as it is asked
        run(moa(), cancelled, listener)

    told = events()
    [ended], [summary] = of(told, "ended"), of(told, "summary")
    assert ended["state"] == "cancelled"
    first = [event["call"] for event in of(told, "call")][:2]
    assert summary["known_cost_usd"] == pytest.approx(sum(call["cost"]["total"] for call in first), abs=1e-12)
    # The call that was cut off may be billed.
    assert summary["unpriced"] is True
    assert "invoke_workflow" in " ".join(span.name for span in spans.get_finished_spans())


def test_cancelled_before_it_began_nothing_is_sent(simulator, listener, events):
    cancelled = threading.Event()
    cancelled.set()

    run(moa(), cancelled, listener)

    assert events() == [{"event": "ended", "state": "cancelled"}]


def test_what_cannot_run_is_said_and_costs_nothing(simulator, listener, events):
    run(
        Asked(model=f"composite/moa/{GPT}", question="Why?", parameters={"proposals": 3}),
        threading.Event(),
        listener,
    )

    told = events()
    [ended] = of(told, "ended")
    assert ended["state"] == "failed"
    assert "proposers is required" in ended["message"]
    assert not of(told, "call")


def test_missing_keys_are_named_and_nothing_is_sent(simulator, listener, events, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    asked = Asked(model="composite/direct/openai/gpt-4o", question="Why?")

    run(asked, threading.Event(), listener)

    told = events()
    assert of(told, "ended") == [
        {"event": "ended", "state": "keys_missing", "missing": {"openai/gpt-4o": ["OPENAI_API_KEY"]}}
    ]
    assert not of(told, "began")
    assert keys_missing(asked.model_copy(update={"simulate": True})) == {}


def test_an_order_is_what_a_page_may_say():
    order = Order.model_validate_json('{"do": "run", "asked": {"model": "composite/moa/a", "question": "x"}}')

    assert order.asked.messages == [{"role": "user", "content": "x"}]
    with pytest.raises(ValueError, match="model"):
        Asked(model="openai/gpt-4o")
