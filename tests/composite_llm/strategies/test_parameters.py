"""Lists of models, and what is said about a parameter that is wrong."""

import pytest

from composite_llm.errors import BadRequest
from composite_llm.request.reading import read_request


def proposers(*given):
    return read_request("moa/openai/gpt-4o", {"proposers": list(given)}).parameters.models("")[:-1]


@pytest.mark.parametrize(
    "times",
    ["openai/gpt-4o × 3", "openai/gpt-4o x 3", "openai/gpt-4o x3", "openai/gpt-4o*3", "openai/gpt-4o×3"],
)
def test_one_model_can_be_sampled_several_times(times):
    assert proposers(times) == ["openai/gpt-4o"] * 3


def test_a_model_whose_name_ends_in_x_and_a_number_is_one_model():
    assert proposers("openai/mix3", "a/llama-x 2") == ["openai/mix3", "a/llama-x 2"]


def test_parameters_may_stand_at_the_top_level_or_in_either_dict():
    for given in ({"layers": 3}, {"composite": {"layers": 3}}, {"optional_params": {"layers": 3}}):
        request = read_request("moa/openai/gpt-4o", {"proposers": ["a/b"], "temperature": 0.1, **given})

        assert request.parameters.layers == 3
        assert request.client_parameters == {"temperature": 0.1}


@pytest.mark.parametrize(
    ("model", "parameters", "sentence"),
    [
        (
            "moe/openai/gpt-4o",
            {},
            "There is no strategy named 'moe'. Did you mean 'moa'? Known strategies: composite/best_of_n",
        ),
        ("profile/fast", {}, "There is no profile named 'fast'"),
        ("MOA/openai/gpt-4o", {}, "There is no strategy named 'MOA'. Did you mean 'moa'? Known"),
        ("Plain", {}, "There is no strategy or profile named 'Plain'. Did you mean 'plain'? Known"),
        ("moa/openai/gpt-4o", {"proposers": ["a/b × 0"]}, "proposers: 'a/b × 0' asks for no sample at all"),
        ("moa/openai/gpt-4o", {}, "moa: proposers is required, such as proposers=['openai/gpt-4o-mini'"),
        ("moa/openai/gpt-4o", {"proposers": []}, "moa: proposers is required, such as"),
        (
            "moa/openai/gpt-4o",
            {"proposer": ["a/b"]},
            "moa has no parameter 'proposer'. Did you mean 'proposers'?",
        ),
        (
            "moa/openai/gpt-4o",
            {"proposers": ["a/b"], "layers": 1},
            "layers: input should be greater than or equal to 2, not 1",
        ),
        (
            "moa/openai/gpt-4o",
            {"composite": {"rounds": 2}},
            "there is no parameter 'rounds'; known are proposers",
        ),
        (
            "moa",
            {"proposers": ["a/b"]},
            "composite/moa names no model. Write composite/moa/<provider>/<model>.",
        ),
        (
            "council/a/b",
            {"council_models": ["a/b"], "review_models": ["c/d"], "exclude_self": True},
            "council: exclude_self needs the members as reviewers",
        ),
        ("council/a/b", {"council_models": ["a/b x 13"]}, "13 council_models exceed max_council_size=12"),
    ],
)
def test_a_wrong_request_is_answered_with_what_to_write(model, parameters, sentence):
    with pytest.raises(BadRequest) as error:
        read_request(model, parameters)

    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"proposers": [{"temperature": 1}]}, "moa: proposers.0.model is required."),
        (
            {"proposers": ["a/b"], "prompts": {"agregate": "Go."}, "layers": 9},
            "moa: layers: input should be less than or equal to 8, not 9.",
        ),
        (
            {"proposers": ["a/b"], "prompts": {"agregate": "Go."}},
            "moa: prompts.agregate: there is no such stage; did you mean 'aggregate'?",
        ),
    ],
)
def test_a_sentence_ends_once_and_has_no_example_of_something_else(parameters, sentence):
    with pytest.raises(BadRequest) as error:
        read_request("moa/openai/gpt-4o", parameters)

    assert str(error.value) == sentence
