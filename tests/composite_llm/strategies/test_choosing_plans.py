"""What strategies that choose are said to cost before they run: worked out by hand from their formulas."""

import pytest

from composite_llm.planning.estimate import estimate
from composite_llm.planning.planned import Size
from composite_llm.request.reading import read_request

SIZE = Size(question=1000, answer=100, instruction=200, verdict=50)
IN, OUT = 2.5e-6, 10e-6  # US dollars a token, gpt-4o


def known(strategy, **parameters):
    return estimate(read_request(f"{strategy}/openai/gpt-4o", parameters), SIZE)


def usd(*calls):
    return pytest.approx(sum(tokens_in * IN + tokens_out * OUT for tokens_in, tokens_out in calls))


def test_samples_and_the_judge_that_reads_them_all():
    """A verdict reads 1000 + 200 + 3·100, and once more with itself, 50, and what was wrong with it, 200."""
    found = known("self_consistency", samples=3, decide="llm")
    assert found.least_usd == usd(*[(1000, 100)] * 3)
    assert found.most_usd == usd(*[(1000, 100)] * 3, (1500, 50), (1750, 50))


@pytest.mark.parametrize(
    ("parameters", "calls"),
    [
        ({"samples": 9, "wave": 3}, (6, 9)),  # 3 > 6 is not so, 6 > 3 is
        ({"samples": 9, "wave": 4}, (8, 9)),  # 4 > 5 is not so, 8 > 1 is
        ({"samples": 10, "wave": 5}, (10, 10)),  # 5 > 5 is not so
        ({"samples": 9, "wave": 3, "margin": 0.5}, (3, 9)),
        ({"samples": 5}, (5, 5)),
        ({"samples": 1, "decide": "llm"}, (1, 1)),
    ],
)
def test_waves_may_end_early(parameters, calls):
    found = known("self_consistency", **parameters)
    assert (found.least_calls, found.most_calls) == calls


def test_each_sample_is_marked():
    """A mark reads 1000 + 200 + 100."""
    found = known("best_of_n", samples=2)
    assert found.least_usd == usd(*[(1000, 100), (1300, 50)] * 2)
    assert found.most_usd == usd(*[(1000, 100), (1300, 50), (1550, 50)] * 2)


def test_a_judge_reads_all_or_two_at_a_time():
    """Of three: all 1000 + 200 + 300; of two 1000 + 200 + 200, six times."""
    given = {"candidates": "openai/gpt-4o × 3"}
    assert known("judge", **given).least_usd == usd(*[(1000, 100)] * 3, (1500, 50))
    assert known("judge", method="pairwise", **given).least_usd == usd(*[(1000, 100)] * 3, *[(1400, 50)] * 6)


def test_each_round_of_a_debate_reads_those_before():
    """Three agents: 1000; then its own 100, 200 of instruction and two others' 200 more; then as much again. The
    summary reads 1000 + 200 + 300."""
    found = known("debate", rounds=3, decide="summarize")
    rounds = [[(1000, 100)] * 3, [(1500, 100)] * 3, [(2000, 100)] * 3]
    assert found.least_usd == usd(*rounds[0], (1500, 100))
    assert found.most_usd == usd(*rounds[0], *rounds[1], *rounds[2], (1500, 100))
    assert known("debate", rounds=3, stop_on_consensus=False).least_usd == usd(
        *rounds[0], *rounds[1], *rounds[2]
    )


def test_a_ring_and_groups_read_less():
    """Of six, five others or two neighbours; in groups of three the two others, and in the third round each other
    group's voice: 1000, 1000 + 100 + 200 + 200, and 1500 + 100 + 200 + 300."""
    six = {"agents": 6, "stop_on_consensus": False}
    assert known("debate", **six).most_usd == usd(*[(1000, 100)] * 6, *[(1800, 100)] * 6)
    assert known("debate", topology="ring", **six).most_usd == usd(*[(1000, 100)] * 6, *[(1500, 100)] * 6)
    groups = known("debate", topology="groups", rounds=3, **six)
    assert groups.most_usd == usd(*[(1000, 100)] * 6, *[(1500, 100)] * 6, *[(2100, 100)] * 6)
