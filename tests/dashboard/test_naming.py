import pyarrow as pa

from dashboard.naming import short_names, span_names


def stages(*named):
    """Of a kind and a name each."""
    row = {"name": "stage", "span_type": "stage", "role": None, "call_index": None, "strategy": "s"}
    return pa.Table.from_pylist([row | {"stage_kind": kind, "stage_name": name} for kind, name in named])


def test_a_stage_is_called_what_kind_it_is():
    assert span_names(stages(("propose", "moa.layer1"), ("aggregate", "moa.aggregate"))) == [
        "propose",
        "aggregate",
    ]


def test_several_of_a_kind_are_called_by_their_own_names():
    told = stages(("deliberate", "debate.round1"), ("deliberate", "debate.round2"), ("vote", "debate.vote"))
    assert span_names(told) == ["round1", "round2", "vote"]


def test_a_stage_without_a_name_of_its_own_is_called_what_kind_it_is():
    assert span_names(stages(("deliberate", None), ("deliberate", "alone"))) == ["deliberate", "deliberate"]


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
