"""What an answer tells of a composite that gave it on another server."""

import litellm
import pytest

from composite_llm.accounting.other_books import other_books, place_of_record
from composite_llm.accounting.prices import cost_of
from composite_llm.request.route import Route

TRACE, OTHER_TRACE = "a" * 32, "b" * 32
WAY = Route("openai/gpt-4o", "gpt-4o", "openai", "openai/gpt-4o", None)


def answer(**told):
    """Of a thousand tokens in and a hundred out, for which gpt-4o itself would cost $0.0035."""
    usage = litellm.Usage(
        prompt_tokens=1000,
        completion_tokens=100,
        total_tokens=1100,
        prompt_tokens_details={"cached_tokens": 0, **({"composite": told} if told else {})},
    )
    response = litellm.ModelResponse(model="gpt-4o", usage=usage)
    response._hidden_params = {"response_cost": 0.0035}
    return response


@pytest.mark.parametrize(
    ("status", "known", "cost"), [("known", 0.02, 0.02), ("partial", 0.02, None), ("known", -1.0, None)]
)
def test_a_composite_costs_what_it_says_whatever_its_name(status, known, cost):
    found = cost_of(answer(llm_calls=4, cost_status=status, known_cost_usd=known), WAY)

    assert (found and found.total) == cost


@pytest.mark.parametrize(
    "told", [{}, {"llm_calls": "many"}, {"cost_status": "known", "known_cost_usd": 0.02}]
)
def test_what_tells_less_is_a_plain_models_answer(told):
    assert other_books(answer(**told).usage) is None
    assert cost_of(answer(**told), WAY).total == 0.0035


def test_a_place_is_that_of_one_trace_at_one_collector(monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", "http://collector.example:4318")
    here = place_of_record(TRACE)
    assert here == place_of_record(TRACE)
    assert here != place_of_record(OTHER_TRACE)
    assert "example" not in here
    monkeypatch.setattr("socket.gethostname", lambda: "another-machine")
    assert here == place_of_record(TRACE), "the same collector from anywhere"

    monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", "http://127.0.0.1:4318")
    local = place_of_record(TRACE)
    monkeypatch.setattr("socket.gethostname", lambda: "a-third-machine")
    assert local not in (here, place_of_record(TRACE)), "each machine's own"
