"""Prices by LiteLLM's table, checked against the numbers in it and against what must stay unknown."""

import litellm
import pytest

from composite_llm.accounting.prices import cost_of
from composite_llm.request.route import Route


def answered(by, *, prompt=1000, completion=100, reported=None):
    response = litellm.ModelResponse(
        model=by,
        usage=litellm.Usage(
            prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion
        ),
    )
    response._hidden_params = {"response_cost": reported}
    return response


def real(model, provider="openai"):
    return Route(f"{provider}/{model}", model, provider, f"{provider}/{model}", None)


def simulated(model, provider="openai"):
    return Route(
        f"sim/{provider}/{model}", model, provider, f"openai/{provider}/{model}", "http://127.0.0.1:1/v1"
    )


def test_a_listed_model_costs_its_tokens_times_its_prices():
    cost = cost_of(answered("gpt-4o", reported=0.0035), real("gpt-4o"))

    assert (cost.total, cost.input, cost.output) == pytest.approx((0.0035, 0.0025, 0.001))


def test_the_parts_are_those_of_the_model_that_answered():
    """gpt-4o was asked and gpt-4o-mini answered: $0.15 and $0.60 a million."""
    cost = cost_of(answered("gpt-4o-mini", reported=0.00021), real("gpt-4o"))

    assert (cost.total, cost.input, cost.output) == pytest.approx((0.00021, 0.00015, 0.00006))


def test_a_total_with_fees_has_no_parts():
    cost = cost_of(answered("gpt-4o", reported=0.0535), real("gpt-4o"))

    assert (cost.total, cost.input, cost.output) == (0.0535, None, None)


def test_an_alias_costs_what_litellm_says_the_model_behind_it_costs():
    assert cost_of(answered("gpt-4o", reported=0.0035), real("my-alias")).total == 0.0035


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("frontier-1", "acme"),
        ("my-finetune", "openai"),
        ("llama3-70b", "snowflake"),
        ("unknown-llama", "ollama"),
    ],
)
def test_a_model_without_a_price_is_unknown_and_not_free(model, provider):
    assert cost_of(answered(model), simulated(model, provider)) is None
    assert cost_of(answered(model, reported=0.0), real(model, provider)) is None


def test_a_model_that_is_free_by_the_table_costs_nothing():
    free = next(
        name.removeprefix("ollama/")
        for name, entry in litellm.model_cost.items()
        if name.startswith("ollama/")
        and entry.get("input_cost_per_token") == entry.get("output_cost_per_token") == 0
    )

    assert cost_of(answered(free), real(free, "ollama")).total == 0


def test_a_simulated_call_has_the_price_of_the_model_that_was_asked_for():
    assert cost_of(answered("openai/gpt-4o"), simulated("gpt-4o")).total == pytest.approx(0.0035)
