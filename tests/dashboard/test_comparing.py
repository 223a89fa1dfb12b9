"""Two modes in words, with intervals worked out by hand."""

from dataclasses import fields

import pytest

from dashboard.answers import Totals
from dashboard.answers.modes import Measure
from dashboard.modes.comparing import difference, errors_sentence, ratio, sentence, times, wilson


def spread(median, *, least=None, most=None, runs=40, measure="cost_usd"):
    """The median lies between `least` and `most`."""
    return Measure(measure, runs, median, median, median, median, median, median, median, median, least, most)


def totals(runs, with_errors):
    known = {each.name: 0 for each in fields(Totals)}
    return Totals(**known | {"runs": runs, "runs_with_errors": with_errors})


def test_the_ratio_lies_between_the_ratios_of_the_medians_bounds():
    """12 cents of 10 to 15, over 4 of 3 to 5: at least 10/5, at most 15/3."""
    found = ratio(spread(0.12, least=0.10, most=0.15), spread(0.04, least=0.03, most=0.05))

    assert (found.value, found.least, found.most) == pytest.approx((3, 2, 5))
    assert found.is_told_apart


def test_the_larger_one_leads_and_what_is_sure_is_said():
    small, large = spread(0.04, least=0.03, most=0.05, runs=37), spread(0.12, least=0.10, most=0.15, runs=41)
    said = "A typical run of council costs 3.0× as much as one of moa (2.0× to 5.0× with 95 % certainty, 41 and 37 runs)."

    assert sentence("moa", "council", small, large) == said
    assert sentence("council", "moa", large, small) == said


def test_what_may_be_either_way_is_not_told_apart():
    one = spread(1500, least=900, most=2000, measure="latency_ms")
    other = spread(1000, least=800, most=1200, measure="latency_ms")

    assert sentence("a", "b", one, other) == (
        "A typical run of a takes 1.50× as long as one of b, but they cannot be told apart: it may be 0.75× to 2.5× "
        "(40 and 40 runs)."
    )


def test_few_runs_and_no_difference_and_nothing_to_divide_by():
    few = sentence("a", "b", spread(0.2, runs=2), spread(0.1, runs=1))
    assert few.endswith("; too few runs to say how sure that is (2 and 1 run, 9 of each are needed).")
    calls = {"measure": "calls"}
    assert sentence("a", "b", spread(4, **calls), spread(4, **calls)) == (
        "Typical runs of a and b make as many calls (40 and 40 runs)."
    )
    free = sentence("a", "b", spread(0.0), spread(0.5))
    assert free == "A typical run of b costs $0.5000, one of a none (40 and 40 runs)."
    fixed = sentence("a", "b", spread(8, least=8, most=8, **calls), spread(4, least=4, most=4, **calls))
    assert fixed.endswith("(40 and 40 runs, which do not differ among themselves).")


def test_newcombes_own_example():
    """56 of 70 and 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, table II, method 10)."""
    assert difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert wilson(0, 10)[0] == pytest.approx(0, abs=1e-12)


def test_errors_are_told_apart_only_where_that_is_sure():
    assert errors_sentence("a", "b", totals(70, 56), totals(80, 48)) == (
        "Something failed in 80 % of the runs of a and 60 % of those of b (56 of 70, 48 of 80): 5 to 33 points apart "
        "with 95 % certainty."
    )
    assert errors_sentence("a", "b", totals(2, 1), totals(1, 0)).endswith("which does not tell them apart.")
    assert (
        errors_sentence("a", "b", totals(2, 0), totals(1, 0))
        == "Nothing failed in any run of either (2 and 1 run)."
    )


@pytest.mark.parametrize(
    ("value", "text"), [(3.14, "3.1×"), (12.4, "12×"), (1234.5, "1,234×"), (1.04, "1.04×"), (0.82, "0.82×")]
)
def test_times(value, text):
    assert times(value) == text
