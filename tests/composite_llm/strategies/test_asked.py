"""Members that are composites, with parameters of their own."""

import pytest

from composite_llm.errors import BadRequest
from composite_llm.request.reading import read_request
from composite_llm.strategies.parts.asked import asked_in
from composite_llm.strategies.parts.members import Member

GPT, MINI = "openai/gpt-4o", "openai/gpt-4o-mini"


def test_a_strategy_and_its_parameters_are_short_for_a_composite():
    member = Member.model_validate(
        {"strategy": "moa", "model": GPT, "proposers": [MINI], "max_calls": 4, "temperature": 0.2, "count": 2}
    )

    assert member.model == f"composite/moa/{GPT}"
    assert member.composite == {"proposers": [MINI], "max_calls": 4}
    assert member.parameters == {
        "temperature": 0.2,
        "composite": {"proposers": [MINI], "max_calls": 4},
    }
    assert Member(model=MINI).parameters == {}


def test_all_composites_are_known_with_what_they_are_asked():
    """The same composite may stand in a panel with other parameters, and plain; each is looked at."""
    panel = [
        {"strategy": "moa", "model": GPT, "proposers": [MINI]},
        {"model": f"composite/moa/{GPT}", "composite": {"proposers": [GPT]}},
        MINI,
        "composite/plain",
    ]
    request = read_request(
        f"council/{GPT}",
        {"council_models": panel, "chairman_model": "composite/self-moa", "review_models": []},
    )

    assert request.composites == [
        (f"composite/moa/{GPT}", {"proposers": [MINI]}),
        (f"composite/moa/{GPT}", {"proposers": [GPT]}),
        ("composite/plain", {}),
        ("composite/self-moa", {}),
    ]
    assert [each.model for each in asked_in(request.parameters)][2] == MINI


@pytest.mark.parametrize(
    ("proposer", "said"),
    [
        ({"model": MINI, "proposers": [GPT]}, "there is no proposers.0.proposers"),
        (
            {"model": MINI, "composite": {"layers": 3}},
            f"{MINI} is no composite, and takes no parameters of one",
        ),
    ],
)
def test_a_plain_model_takes_no_parameters_of_a_composite(proposer, said):
    with pytest.raises(BadRequest) as error:
        read_request(f"moa/{GPT}", {"proposers": [proposer]})

    assert said in str(error.value)
