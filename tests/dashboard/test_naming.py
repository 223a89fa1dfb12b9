from dashboard.naming import short_names


def test_a_model_goes_without_its_provider():
    assert short_names(["sim/openai/gpt-4o", "gemini/flash"]) == {
        "sim/openai/gpt-4o": "gpt-4o",
        "gemini/flash": "flash",
    }


def test_two_models_of_one_name_keep_their_providers():
    assert short_names(["sim/gpt-4o", "openai/gpt-4o"]) == {
        "sim/gpt-4o": "sim/gpt-4o",
        "openai/gpt-4o": "openai/gpt-4o",
    }


def test_a_name_that_ends_in_a_slash_stays_whole():
    assert short_names(["openai/"]) == {"openai/": "openai/"}
