"""Members with settings of their own, and what a council lets whom see, over HTTP."""

import hashlib
import json

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.errors import BadRequest
from composite_llm.request.reading import read_request
from composite_llm.simulator import Simulator
from composite_llm.strategies.parts.ballots import Ballot, agreed
from tests.held_answers import hold
from tests.recorded import QUESTION as ASKED
from tests.recorded import recorded

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
GPT, MINI, NANO = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/openai/gpt-4.1-nano"
O3, SONNET = "sim/openai/o3", "sim/anthropic/claude-sonnet-4-5"


def asked(server, model):
    return [record.body for record in server.requests if record.model.endswith(f"/{model}")]


def test_a_member_brings_its_own_settings(model_server, monkeypatch):
    with Simulator(speed=0) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        composite_llm.completion(
            f"composite/moa/{GPT}",
            QUESTION,
            proposers=[
                {
                    "model": MINI,
                    "temperature": 1.3,
                    "max_tokens": 77,
                    "role": "You doubt everything.",
                    "count": 2,
                },
                {"model": O3, "reasoning_effort": "high"},
                NANO,
            ],
            reasoning_effort="low",
        )

    for mini in asked(server, "gpt-4o-mini"):
        assert (mini["temperature"], mini["max_tokens"]) == (1.3, 77)
        assert mini["messages"] == [{"role": "system", "content": "You doubt everything."}, *QUESTION]
    assert len(asked(server, "gpt-4o-mini")) == 2
    assert asked(server, "o3")[0]["reasoning_effort"] == "high"
    [nano] = asked(server, "gpt-4.1-nano")
    assert (nano["temperature"], nano["messages"]) == (0.7, QUESTION)
    assert "reasoning_effort" not in nano
    assert "max_tokens" not in asked(server, "gpt-4o")[0]


def test_council_members_bring_theirs_and_their_role_ends_with_their_answer(simulator):
    start = len(simulator.requests)
    members = [{"model": MINI, "role": "You are a physicist.", "top_p": 0.5}, NANO]
    composite_llm.completion(f"composite/council/{GPT}", QUESTION, council_models=members)

    answer, review = [
        record.body for record in simulator.requests[start:] if record.model.endswith("gpt-4o-mini")
    ]
    assert answer["messages"][0]["content"] == "You are a physicist."
    assert (answer["top_p"], review["top_p"]) == (0.5, 0.5)
    assert "physicist" not in str(review["messages"])


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        ({"model": "a/b", "temp": 1}, "proposers.0.temp"),
        ({"temperature": 1}, "proposers.0.model"),
        (
            {"model": "a/b", "temperature": 3},
            "proposers.0.temperature: input should be less than or equal to 2",
        ),
        ({"model": "a/b", "count": 65}, "proposers.0.count: input should be less than or equal to 64"),
        ({"model": ""}, "empty name"),
        (7, "proposers.0"),
    ],
)
def test_a_wrong_member_is_answered_with_where_and_what(member, sentence):
    with pytest.raises(BadRequest) as error:
        read_request("moa/openai/gpt-4o", {"proposers": [member]})

    assert sentence in str(error.value)


@pytest.mark.parametrize("sees", ["anonymous", "named"])
def test_the_chairman_can_be_told_whose_answer_is_whose_and_reviewers_never_are(simulator, sees):
    start = len(simulator.requests)
    composite_llm.completion(
        f"composite/council/{GPT}", QUESTION, council_models=[f"{MINI} × 2", NANO], chairman_sees=sees
    )

    *earlier, chair = [str(record.body["messages"]) for record in simulator.requests[start:]]
    named = [f"Answer of {name} <" in chair for name in (f"{MINI} #1", f"{MINI} #2", NANO)]
    assert named == [sees == "named"] * 3
    assert (f"{NANO} (" in chair) is (sees == "named")  # its mean rank
    assert ("Answer A <" in chair) is (sees == "anonymous")
    assert not any("gpt-4" in prompt for prompt in earlier)


def ballot(*ranking):
    return Ballot(0, [0, 1, 2], list(ranking), "json")


@pytest.mark.parametrize(
    ("ballots", "reviewers", "over"),
    [
        ([ballot(1, 0, 2), ballot(1, 2, 0)], 3, True),
        ([ballot(1, 0, 2), ballot(1, 2, 0)], 4, False),  # half is no majority
        ([ballot(1, 0, 2), ballot(0, 1, 2), ballot(1, 2, 0)], 4, False),  # one sees it otherwise
        ([ballot(1, 0, 2), ballot(), ballot(1, 2, 0)], 3, True),  # an abstention is no objection
        ([ballot(), ballot()], 3, False),
        ([], 1, False),
    ],
)
def test_reviews_agree_when_a_majority_of_all_reviewers_has_one_favourite(ballots, reviewers, over):
    assert agreed(ballots, reviewers) is over


def first_place(label):
    return json.dumps({"assessment": "", "ranking": sorted("AB", key=lambda each: each != label)})


@pytest.mark.parametrize("agree", [True, False])
def test_reviews_end_early_where_they_agree_and_only_there(tmp_path, monkeypatch, spans, agree):
    """The third reviewer speaks last of all: it is waited for unless the other two agree. Each reads the two
    answers in an order of its own."""
    answers = {ASKED: {"gpt-4o-mini": "Air.", "gpt-4.1-nano": "Light."}}
    for air, light, shown in (("A", "B", b"Air.\0Light."), ("B", "A", b"Light.\0Air.")):
        mark = hashlib.sha256(shown).hexdigest()[:8]
        answers[f"Answer {air} <{mark}>\nAir."] = {
            "gpt-4o-mini": first_place(air),
            "gpt-4.1-nano": first_place(air if agree else light),
            "claude-sonnet-4-5": first_place(light),
            "gpt-4o": "Scattering.",
        }

    def others_have_spoken():
        return not agree and sum(span.attributes.get(c.CALL_ROLE) == "reviewer" for span in ended()) == 2

    def ended():
        return spans.get_finished_spans()

    with recorded(tmp_path, monkeypatch, answers) as server:
        hold(server, "claude-sonnet-4-5", until=others_have_spoken)
        for reviewer in ("gpt-4o-mini", "gpt-4.1-nano"):  # once all three have been asked
            hold(server, reviewer, until=lambda: len(server.requests) < 2 or server.max_in_flight == 3)
        composite_llm.completion(
            f"composite/council/{GPT}",
            [{"role": "user", "content": ASKED}],
            council_models=[MINI, NANO],
            review_models=[MINI, NANO, SONNET],
            early_consensus=True,
        )

    [stage] = [span for span in ended() if span.name == "stage council.review"]
    [last] = [span for span in ended() if span.attributes.get(c.CALL_INDEX) == 2]
    ballots = json.loads(stage.attributes[c.COUNCIL_BALLOTS])
    assert len(ballots) == (2 if agree else 3)
    assert last.attributes[c.CALL_OUTCOME] == ("cancelled" if agree else "ok")
    assert stage.attributes.get(c.DEGRADED) is None
