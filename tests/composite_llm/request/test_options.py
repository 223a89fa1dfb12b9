"""What every strategy takes: where it may stand, and what is said of a slip."""

import pytest

from composite_llm.errors import BadRequest
from composite_llm.request.options import Options
from composite_llm.request.reading import read_request

MOA = "moa/openai/gpt-4o"
PROPOSERS = {"proposers": ["openai/gpt-4o-mini"]}


@pytest.mark.parametrize("nested", ["composite", "optional_params", None])
def test_options_stand_where_strategy_parameters_may_stand(nested):
    given = {"min_responses": 2, "max_cost_usd": 0.5, **PROPOSERS}
    request = read_request(
        MOA, {nested: given, "temperature": 0.1} if nested else given | {"temperature": 0.1}
    )

    assert request.options.min_responses == 2
    assert request.options.limits.max_cost_usd == 0.5
    assert request.client_parameters == {"temperature": 0.1}


def test_without_any_option_the_defaults_hold():
    assert read_request(MOA, PROPOSERS).options == Options()


def test_max_tokens_stays_the_clients_own():
    request = read_request(MOA, PROPOSERS | {"max_tokens": 10, "budget": {"max_tokens": 5000}})

    assert request.client_parameters == {"max_tokens": 10}
    assert request.options.limits.max_tokens == 5000


def test_what_litellm_means_by_a_name_at_the_top_level_is_left_to_it():
    """Its Router sends `max_retries=0` for reasons of its own."""
    assert read_request(MOA, PROPOSERS | {"max_retries": 0}).options.max_retries == 2
    assert read_request(MOA, PROPOSERS | {"composite": {"max_retries": 0}}).options.max_retries == 0


@pytest.mark.parametrize(
    ("given", "by_model"),
    [
        ("a/b", {"x/y": ["a/b"], "a/b": []}),
        (["a/b", "c/d"], {"x/y": ["a/b", "c/d"], "a/b": ["c/d"]}),
        ({"x/y": "a/b", "*": ["c/d"]}, {"x/y": ["a/b"], "q/r": ["c/d"]}),
    ],
)
def test_fallbacks_are_for_all_models_or_by_model(given, by_model):
    options = Options.model_validate({"fallbacks": given})

    assert {model: options.fallbacks_of(model) for model in by_model} == by_model


def test_a_fallback_nobody_knows_is_among_the_models_checked_first():
    request = read_request(MOA, PROPOSERS | {"composite": {"fallbacks": ["nobody/knows"]}})

    assert "nobody/knows" in request.models


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"min_respones": 2}, "moa has no parameter 'min_respones'. Did you mean 'min_responses'?"),
        ({"composite": {"grace": 2}}, "there is no parameter 'grace'"),
        ({"composite": {"hedge_after": 2}}, "did you mean 'hedge_after_s'?"),
        ({"hard_timeout_s": 0}, "hard_timeout_s: input should be greater than 0, not 0"),
        ({"grace_s": float("nan")}, "grace_s: input should be a finite number"),
        ({"budget": {"max_usd": 1}}, "moa: there is no budget.max_usd"),
        ({"budget": {"on_exceeded": "explode"}}, "budget.on_exceeded: input should be 'degrade' or 'stop'"),
        ({"max_calls": 3, "budget": {"max_calls": 4}}, "max_calls is 3 and budget.max_calls is 4"),
        ({"composite": {"fallbacks": []}}, "fallbacks.* is required"),
    ],
)
def test_a_wrong_option_is_answered_with_what_to_write(given, sentence):
    with pytest.raises(BadRequest) as error:
        read_request(MOA, PROPOSERS | given)

    assert sentence in str(error.value)


def test_options_are_part_of_the_configuration_only_where_they_were_chosen():
    plain, also_plain, chosen = (
        read_request(MOA, PROPOSERS | options).configuration
        for options in ({}, {"grace_s": 5.0}, {"grace_s": 1.0})
    )
    assert plain == also_plain != chosen


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"n": "x"}, "n must be a whole number of at least 1, not 'x'"),
        ({"max_tokens": 0}, "max_tokens must be a whole number of at least 1, not 0"),
        ({"max_completion_tokens": "many"}, "max_completion_tokens must be a whole number of at least 1"),
        ({"seed": 1.5}, "seed must be a whole number, not 1.5"),
    ],
    ids=["n", "max_tokens", "max_completion_tokens", "seed"],
)
def test_what_is_no_number_is_refused_before_members_are_paid(given, said):
    with pytest.raises(BadRequest, match=said):
        read_request(MOA, PROPOSERS | given)


def test_numbers_may_be_left_open_or_below_zero_where_that_means_something():
    request = read_request(MOA, PROPOSERS | {"n": None, "max_tokens": None, "seed": -1})
    assert request.client_parameters == {"n": None, "max_tokens": None, "seed": -1}
