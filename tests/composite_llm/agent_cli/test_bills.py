"""What a run of an agent CLI cost, as far as anybody knows."""

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.accounting.ledger import Usage
from composite_llm.planning.estimate import estimate
from composite_llm.planning.listing import strategy_rows
from composite_llm.profiles import library
from composite_llm.request.reading import read_request
from dashboard.facts import receipt_notes
from tests.composite_llm.agent_cli.lines import ANSWER, INIT, SIMPLE, result, usage, whole
from tests.streams import finished

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
AUTO = "composite/composer-cli/auto"


def the_call(spans):
    [call] = finished(spans, c.LLM_CALL)
    return call


def test_without_usage_it_is_estimated_and_marked_everywhere(agent, spans):
    agent.says(INIT, whole("Blue."), result("Blue."))
    litellm.register_model(
        {"composer-cli/auto": {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}}
    )

    answer = composite_llm.completion(AUTO, QUESTION)

    receipt = composite_llm.receipt(answer)
    assert receipt.usage == Usage(5, 2, estimated=True)
    assert (receipt.cost_usd, receipt.cost_status) == (None, "unknown"), (
        "no price makes a cost of an estimate"
    )
    assert answer.usage.composite["usage_estimated"] is True
    assert any("composer-cli/auto are an estimate" in note for note in receipt_notes(receipt))
    told = the_call(spans).attributes
    assert (told[c.USAGE_SOURCE], told[c.INPUT_TOKENS], told[c.OUTPUT_TOKENS]) == ("estimated", 5, 2)


def test_a_price_somebody_has_registered_is_put_on_what_it_reports(agent, spans):
    agent.says(*SIMPLE)
    prices = {
        "input_cost_per_token": 1e-6,
        "output_cost_per_token": 5e-6,
        "cache_read_input_token_cost": 1e-7,
    }
    litellm.register_model({"composer-cli/auto": {**prices, "cache_creation_input_token_cost": 2e-6}})

    answer = composite_llm.completion(AUTO, QUESTION)

    # 100 fresh at $1, 300 read at $0.10, 50 written at $2, 20 out at $5, each a million
    assert answer._hidden_params["response_cost"] == pytest.approx(330e-6, abs=1e-15)
    assert the_call(spans).attributes[c.COST_SOURCE] == "litellm"


@pytest.mark.parametrize("model", ["claude-opus-4-8[effort=high]", "gpt-5", "gemini-3.1-pro"])
def test_the_price_of_another_providers_model_is_not_its(agent, model):
    agent.says(*SIMPLE)
    litellm.register_model({model: {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}})

    answer = composite_llm.completion(f"composite/composer-cli/{model}", QUESTION)

    assert composite_llm.receipt(answer).cost_status == "unknown"
    assert agent.runs[0]["arguments"][-1] == model


def test_what_it_says_to_have_cost_is_its_cost(agent, spans):
    agent.says(INIT, result(ANSWER, total_cost_usd=0.0125, **usage(100, 20)))

    answer = composite_llm.completion(AUTO, QUESTION)

    assert answer._hidden_params["response_cost"] == 0.0125
    told = the_call(spans).attributes
    assert (told[c.COST_USD], told[c.COST_SOURCE], c.PRICE_VERSION in told) == (0.0125, "provider", False)


def test_it_is_in_the_catalogue_with_its_calls_and_no_price(monkeypatch):
    monkeypatch.setenv("PATH", "")  # for that it need not be installed
    [row] = [row for row in strategy_rows(list(library().profiles.values())) if row.name == "composer-cli"]

    assert (row.model, row.calls, row.sample) == ("composite/composer-cli/<model>", "1", "agent-cli")
    planned = estimate(read_request("profile/agent-cli", {}))
    assert (planned.least_calls, planned.most_calls, planned.most_usd) == (1, 1, None)
    assert planned.unpriced == ["composer-cli/auto"]
