from datetime import datetime

import pytest

from dashboard.answers import BucketTotals, ModelSpend, StrategyLatency, StrategyTotals
from dashboard.charts.latency import latency_by_strategy
from dashboard.charts.marks import Mark, chosen_mark
from dashboard.charts.stacks import MOST_STACKS, runs_by_strategy, spend_by_model, tokens_by_kind
from dashboard.charts.ticks import axis_money, linear_ticks, log_ticks, whole_ticks
from dashboard.charts.time_axis import TimeAxis
from dashboard.charts.tokens import tokens_by_strategy
from dashboard.palette import STAGE, TOKEN_KINDS, palette_of

MONDAY, TUESDAY = datetime(2026, 11, 16), datetime(2026, 11, 17)
AXIS = TimeAxis(MONDAY, TUESDAY, seconds=86_400, zone="UTC")


def test_spend_stacks_the_dearest_model_first_in_its_own_colour():
    colours = palette_of(["a", "b"])
    figure = spend_by_model(
        [ModelSpend(MONDAY, "a", 0.1, 0), ModelSpend(MONDAY, "b", 0.2, 0), ModelSpend(TUESDAY, "b", 0.3, 0)],
        AXIS,
        colours,
    )

    assert [(bar.name, bar.y, bar.marker.color) for bar in figure.data] == [
        ("b", (0.2, 0.3), colours.colour_for("b")),
        ("a", (0.1,), colours.colour_for("a")),
    ]
    assert figure.layout.yaxis.ticktext == ("$0", "$0.10", "$0.20", "$0.30")
    assert list(figure.layout.xaxis.range) == [MONDAY, datetime(2026, 11, 18)]


def test_a_chart_stands_on_the_clock_of_its_reader():
    axis = TimeAxis(MONDAY, TUESDAY, seconds=86_400, zone="Europe/Berlin")
    figure = spend_by_model([ModelSpend(MONDAY, "a", 0.1, 0)], axis, palette_of(["a"]))

    assert figure.data[0].x == (datetime(2026, 11, 16, 1),)


def test_a_model_name_is_text_on_a_chart():
    figure = spend_by_model([ModelSpend(MONDAY, "<b>m", 0.1, 0)], AXIS, palette_of([]))

    assert figure.data[0].name == "&lt;b&gt;m"


def test_latency_has_a_solid_median_and_a_dotted_95th_percentile():
    figure = latency_by_strategy([StrategyLatency(MONDAY, "moa", 2, 3000, 12_000)], AXIS, palette_of(["moa"]))

    assert [(line.name, line.y, line.line.dash) for line in figure.data] == [
        ("moa p50", (3000,), "solid"),
        ("moa p95", (12_000,), "dot"),
    ]
    assert figure.data[0].x == (datetime(2026, 11, 16, 12),)
    assert figure.layout.yaxis.ticktext == ("2 s", "5 s", "10 s", "20 s")


def test_tokens_are_those_of_an_average_run():
    row = StrategyTotals("moa", 2, 0.1, 0, 0.05, 0.05, 0.06, 0.06, 4.0, 2.0, 2.0, 200, 100, 60, 40)
    figure = tokens_by_strategy([row])

    assert [(bar.name, bar.x) for bar in figure.data] == [
        ("Input", (100.0,)),
        ("Cached input", (50.0,)),
        ("Output", (30.0,)),
        ("Reasoning", (20.0,)),
    ]


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, [0.0]),
        (0.25, [0, 0.05, 0.1, 0.15, 0.2, 0.25]),
        (11, [0, 5, 10, 15]),
        (100, [0, 20, 40, 60, 80, 100]),
    ],
)
def test_linear_ticks(highest, ticks):
    assert linear_ticks(highest) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([], [100, 1000, 10_000]),
        ([700], [500, 1000]),
        ([430, 6100], [200, 500, 1000, 2000, 5000, 10_000]),
        ([1, 100_000], [1, 10, 100, 1000, 10_000, 60_000, 600_000]),
        ([30_000, 200_000], [20_000, 60_000, 120_000, 300_000]),
    ],
)
def test_log_ticks(values, ticks):
    assert log_ticks(values) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("highest", "ticks"), [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (11, [0, 5, 10, 15])]
)
def test_what_is_counted_has_whole_ticks(highest, ticks):
    assert whole_ticks(highest) == ticks


def test_money_on_an_axis_has_the_decimals_of_its_step():
    assert axis_money([0, 0.0005, 0.001]) == ["$0", "$0.0005", "$0.0010"]
    assert axis_money([0, 20, 40]) == ["$0", "$20", "$40"]


def test_runs_stack_the_busiest_strategy_first_and_say_how_many():
    rows = [StrategyLatency(MONDAY, "moa", 1, 1, 1), StrategyLatency(MONDAY, "council", 3, 1, 1)]
    figure = runs_by_strategy(rows, AXIS, palette_of(["moa", "council"]))

    assert [(bar.name, bar.y, bar.customdata[0][0]) for bar in figure.data] == [
        ("council", (3,), "3 runs"),
        ("moa", (1,), "1 run"),
    ]


def test_more_strategies_than_can_be_told_apart_become_one_stack_of_others():
    names = [f"s{number}" for number in range(MOST_STACKS + 2)]
    rows = [StrategyLatency(MONDAY, name, 20 - number, 1, 1) for number, name in enumerate(names)]
    figure = runs_by_strategy(rows, AXIS, palette_of(names))

    assert [bar.name for bar in figure.data] == [*names[: MOST_STACKS - 1], "3 others"]
    # The last three ran 13, 12 and 11 times; no strategy could be asked for them together.
    assert (figure.data[-1].y, figure.data[-1].marker.color) == ((13 + 12 + 11,), STAGE)
    assert figure.data[-1].customdata[0][1] == ""


def test_tokens_over_time_are_of_four_kinds():
    figure = tokens_by_kind([BucketTotals(MONDAY, 1, 0.1, 0.1, 5, 0, 960, 40, 95, 5)], AXIS)

    assert {bar.name: bar.y for bar in figure.data} == dict(
        zip(TOKEN_KINDS, [(960,), (40,), (95,), (5,)], strict=True)
    )


def test_a_bar_tells_the_runs_it_is_made_of():
    [bar] = spend_by_model([ModelSpend(MONDAY, "a", 0.1, 0)], AXIS, palette_of(["a"])).data

    clicked = {"points": [{"customdata": bar.customdata[0]}]}
    monday = 1_794_787_200
    assert chosen_mark(clicked) == Mark("a", monday, monday + 86_400)


def test_a_bar_of_the_day_the_clocks_change_has_25_hours():
    """Berlin leaves summer time on 25 October 2026, whose midnight is 22:00 UTC of the day before."""
    midnight = datetime(2026, 10, 24, 22)
    axis = TimeAxis(midnight, midnight, seconds=86_400, zone="Europe/Berlin")

    since, until = axis.bounds_of(midnight)
    assert until - since == 25 * 3600


@pytest.mark.parametrize(
    "selection",
    [
        {},
        {"points": []},
        {"points": [{}]},
        {"points": [{"customdata": None}]},
        {"points": [{"customdata": ["said", 7, 0, 1]}]},
        {"points": [{"customdata": ["said", "a", "0", 1]}]},
        {"points": [{"customdata": ["said", "a", -1, 1]}]},
    ],
)
def test_what_is_no_mark_of_ours_leads_nowhere(selection):
    assert chosen_mark(selection) is None
