"""What has gone wrong in other people's ensembles, and is watched over nowhere else here."""

import asyncio
import json
import re

import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.simulator import Simulator
from tests.composite_llm.calls.observed import outcomes
from tests.composite_llm.strategies.asked import GPT, MINI, SONNET, ask, calls, noted, text
from tests.held_answers import meet
from tests.scripted_answers import script

pytestmark = pytest.mark.usefixtures("simulator")

NANO = "sim/openai/gpt-4.1-nano"


def test_a_model_that_is_twice_on_a_panel_is_two_members(monkeypatch, spans):
    """Keyed by model name, one answer would be lost: here both are read, and both are paid for."""

    heard = script(monkeypatch, lambda request: f"answer number {request.body['seed']}.")
    response = ask("moa", proposers=[MINI, SONNET, MINI])

    [final] = [request for request in heard if request.model.endswith("gpt-4o")]
    read = re.findall(r"answer number (\d)\.", json.dumps(final.body["messages"]))
    assert sorted(read) == ["0", "1", "2"]
    proposed = calls(spans, "proposer")
    assert [span.attributes[c.CALL_INDEX] for span in proposed] == [0, 1, 2]
    assert len(composite_llm.receipt(response).calls) == 4


def test_twenty_seven_members_are_each_told_apart(monkeypatch, spans):
    """The 27th letter is AA. Every reviewer puts that one first, so its mean rank is 1, and the others share what is
    left: (2 + 27) / 2."""

    def says(request):
        return '{"assessment": "", "ranking": ["AA"]}' if request.json_schema else "42"

    heard = script(monkeypatch, says)
    ask("council", council_models=[f"{MINI} × 27"], max_council_size=27)

    review = next(request for request in heard if request.json_schema)
    assert "AA" in review.messages[-1].content
    ranks = json.loads(noted(spans, "council.review")[c.COUNCIL_MEAN_RANKS])
    ballots = json.loads(noted(spans, "council.review")[c.COUNCIL_BALLOTS])
    assert len(ballots) == len(ranks) == 27
    assert all(
        sorted(ballot["members"]) == list(range(27)) and len(ballot["ranking"]) == 1 for ballot in ballots
    )
    favourites = [ballot["ranking"][0] == ballot["members"][26] for ballot in ballots]
    assert favourites == [True] * 27


@pytest.mark.parametrize(
    "ranking",
    [
        "FINAL RANKING:\n1. **Answer {1}**\n2. **Answer {0}**\n3. **Answer {2}**",
        "I like them.\nFinal ranking: {1}, {1}, {0}, {9}, {2}",
        "Ranking:\n1) Answer {1}\n2) Answer {0}",
    ],
)
def test_a_ranking_in_words_counts_however_it_is_written(monkeypatch, spans, ranking):
    """In bold; with one twice and one nobody has; with the last left out. It is the same ranking: the member that
    says `best`, then `good`, then `poor`."""
    wanted = ("good", "best", "poor")

    def says(request):
        shown = dict(re.findall(r"Answer ([A-Z])\b[^\n]*\n(\w+)", request.messages[-1].content))
        by_answer = {answer: letter for letter, answer in shown.items()}
        if request.json_schema:
            return ranking.format(*(by_answer[answer] for answer in wanted), *"TUVWXYZ")
        return wanted[request.body["seed"]] if "seed" in request.body and not shown else "So."

    script(monkeypatch, says)
    ask("council", council_models=[MINI, SONNET, NANO])

    ballots = json.loads(noted(spans, "council.review")[c.COUNCIL_BALLOTS])
    assert {tuple(ballot["ranking"][:2]) for ballot in ballots} == {(1, 0)}
    assert {ballot["found_in"] for ballot in ballots} == {"text"}
    assert json.loads(noted(spans, "council.review")[c.COUNCIL_MEAN_RANKS]) == {"1": 1, "0": 2, "2": 3}


def test_what_is_told_of_usage_is_the_sum_of_all_calls_also_of_one_that_was_cancelled(monkeypatch, spans):
    """The one that hangs is cancelled; nobody knows what it used or cost, so the whole is a lower bound."""
    with Simulator(speed=0, faults={"claude-sonnet-4-5": "timeout"}) as server:
        monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", server.url)
        meet(server, "gpt-4o-mini", "gpt-4.1-nano", "claude-sonnet-4-5")
        response = ask("moa", proposers=[MINI, SONNET, NANO], min_responses=2, grace_s=0)

    assert outcomes(spans, "proposer") == ["ok", "cancelled", "ok"]
    leaves = [span.attributes for span in calls(spans)]
    assert len(leaves) == len(composite_llm.receipt(response).calls) == 4
    tokens = [leaf.get(c.INPUT_TOKENS, 0) + leaf.get(c.OUTPUT_TOKENS, 0) for leaf in leaves]
    assert response.usage.total_tokens == sum(tokens)
    receipt = composite_llm.receipt(response)
    assert (receipt.cost_usd, receipt.cost_status) == (None, "partial")
    assert receipt.known_cost_usd == pytest.approx(sum(leaf.get(c.COST_USD, 0) for leaf in leaves))


async def test_requests_at_once_read_nothing_of_each_other(monkeypatch):
    """Each of eight is about a colour of its own, which its members repeat."""
    colours = ("red", "blue", "green", "white", "black", "brown", "grey", "pink")

    def says(request):
        return " ".join(
            sorted(set(re.findall(rf"\b(?:{'|'.join(colours)})\b", json.dumps(request.body["messages"]))))
        )

    script(monkeypatch, says)
    asked = [
        composite_llm.acompletion(
            f"composite/{strategy}/{GPT}", [{"role": "user", "content": f"Say {colour}."}], **given
        )
        for colour, (strategy, given) in zip(
            colours,
            [("moa", {"proposers": [MINI, NANO]}), ("debate", {"agents": 2}), ("self_consistency", {})] * 3,
            strict=False,
        )
    ]
    assert [text(response) for response in await asyncio.gather(*asked)] == list(colours)
