"""What councils came to, over spans that really landed."""

import pytest

from collector.parameters import RunsOf
from collector.statistics.council import council_members, council_runs
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING
from tests.collector.statistics.observed_runs import Made, Staged, run

A, B, C = "openai/gpt-4o", "anthropic/claude-opus", "gemini/pro"
ALL = RunsOf(**EVERYTHING)


def ballot(reviewer, ranking, members=(0, 1, 2), found_in="json"):
    return {"reviewer": reviewer, "members": list(members), "ranking": ranking, "found_in": found_in}


def council(ballots, *, trace=1, start_ms=0, models=(A, B, C), simulated=False):
    """Three members; each call 100 tokens in and 30 out."""
    answers = [Made("member", index, model) for index, model in enumerate(models)]
    reviews = [Made("reviewer", index, model) for index, model in enumerate(models)]
    return run(
        "council",
        [
            Staged("council.answers", {}, answers),
            Staged("council.review", {c.COUNCIL_BALLOTS: ballots, c.COUNCIL_MEAN_RANKS: {}}, reviews, "rank"),
            Staged("council.chair", {}, [Made("chair", 0, A)], "synthesize"),
        ],
        trace=trace,
        start_ms=start_ms,
        simulated=simulated,
    )


def test_a_council_that_mostly_agrees(store, land):
    """Rankings 0 1 2, 1 0 2 and 0 1 2: W = 168/216 and tau 5/9, as in test_rank_statistics. Members stand in one order,
    so places 0, 1, 2 go with ranks (1, 2, 3), (2, 1, 3), (1, 2, 3): Sxy = 5, Sxx = 6, Syy = 6. Of seven calls three
    review."""
    land(council([ballot(0, [0, 1, 2]), ballot(1, [1, 0, 2]), ballot(2, [0, 1, 2], found_in="text")]))

    [found] = council_runs(store, ALL).to_pylist()
    assert (found["members"], found["reviews"], found["abstained"]) == (3, 3, 0)
    assert (found["read_as_json"], found["read_as_text"]) == (2, 1)
    assert found["kendall_w"] == pytest.approx(168 / 216)
    assert found["mean_tau"] == pytest.approx(5 / 9)
    assert found["position_bias"] == pytest.approx(5 / 6)
    assert found["winner"] == A
    assert found["review_tokens_share"] == pytest.approx(3 / 7)


def test_what_each_model_was_worth_to_the_others(store, land):
    """A: ranks 1, 2, 1, its own 1, others' 2 and 1. B: 2, 1, 2, its own 1. C: last three times, by itself, too."""
    land(council([ballot(0, [0, 1, 2]), ballot(1, [1, 0, 2]), ballot(2, [0, 1, 2])]))

    a, b, c_ = council_members(store, ALL).to_pylist()
    assert [row["model"] for row in (a, b, c_)] == [A, B, C]
    assert [row["mean_rank"] for row in (a, b, c_)] == pytest.approx([4 / 3, 5 / 3, 3])
    assert [row["borda"] for row in (a, b, c_)] == pytest.approx([(1 + 0.5 + 1) / 3, (0.5 + 1 + 0.5) / 3, 0])
    assert [row["self_preference"] for row in (a, b, c_)] == pytest.approx([1.5 - 1, 2 - 1, 3 - 3])
    assert [(row["wins"], row["win_rate"], row["answers"], row["reviews"]) for row in (a, b, c_)] == [
        (1, 1, 1, 1),
        (0, 0, 1, 1),
        (0, 0, 1, 1),
    ]


def test_reviewers_without_a_ranking_abstain_and_a_tie_is_shared(store, land):
    """0 1 2 against 1 0 2: both have a mean rank of 1.5."""
    land(council([ballot(0, [0, 1, 2]), ballot(1, [1, 0, 2]), ballot(2, [], found_in="none")]))
    [found] = council_runs(store, ALL).to_pylist()
    assert (found["reviews"], found["abstained"], found["winner"]) == (3, 1, None)
    members = {row["model"]: row for row in council_members(store, ALL).to_pylist()}
    assert [members[model]["wins"] for model in (A, B, C)] == [0.5, 0.5, 0]
    assert members[C]["abstained"] == 1
    assert members[C]["self_preference"] is None


def test_members_that_do_not_rank_themselves(store, land):
    """Each ranks the two others: no set of answers is common, so there is no W; any two share one answer, so no tau."""
    land(council([ballot(0, [1, 2], (1, 2)), ballot(1, [0, 2], (0, 2)), ballot(2, [0, 1], (0, 1))]))
    [found] = council_runs(store, ALL).to_pylist()
    assert (found["kendall_w"], found["mean_tau"]) == (None, None)
    assert {row["self_preference"] for row in council_members(store, ALL).to_pylist()} == {None}


def test_only_what_is_in_the_period_and_of_the_kind(store, land):
    ballots = [ballot(0, [0, 1, 2])]
    land(council(ballots, trace=1) + council(ballots, trace=2, simulated=True))
    kinds = [RunsOf(**EVERYTHING, origin=origin) for origin in ("all", "real", "simulated")]
    assert [council_runs(store, kind).num_rows for kind in kinds] == [2, 1, 1]
    assert council_runs(store, RunsOf(since_ns=0, until_ns=1)).num_rows == 0
    assert council_members(store, RunsOf(since_ns=0, until_ns=1)).num_rows == 0


@pytest.mark.parametrize(
    "told",
    [
        "not JSON",
        "{}",
        "[1, null]",
        '[{"reviewer": 0}]',
        '[{"reviewer": 0, "members": [0], "ranking": [7], "found_in": "json"}]',
        "[" * 5000,
    ],
)
def test_ballots_that_make_no_sense_are_no_ballots(store, land, told):
    spans = run("council", [Staged("council.review", {c.COUNCIL_BALLOTS: told}, kind="rank")])
    land(spans)
    [found] = council_runs(store, ALL).to_pylist()
    assert (found["reviews"], found["members"], found["position_bias"]) == (0, 0, None)
    assert council_members(store, ALL).num_rows == 0
