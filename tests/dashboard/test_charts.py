from datetime import datetime

import pytest

from dashboard.answers import ModelSpend, StrategyLatency, StrategyTotals
from dashboard.charts import (
    TimeAxis,
    axis_money,
    latency_by_strategy,
    linear_ticks,
    log_ticks,
    spend_by_model,
    tokens_by_strategy,
)
from dashboard.palette import palette_of

MONDAY, TUESDAY = datetime(2026, 11, 16), datetime(2026, 11, 17)
AXIS = TimeAxis(MONDAY, TUESDAY, seconds=86_400, zone="UTC")


def test_spend_stacks_the_dearest_model_first_in_its_own_colour():
    colours = palette_of(["a", "b"])
    figure = spend_by_model(
        [ModelSpend(MONDAY, "a", 0.1), ModelSpend(MONDAY, "b", 0.2), ModelSpend(TUESDAY, "b", 0.3)],
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
    figure = spend_by_model([ModelSpend(MONDAY, "a", 0.1)], axis, palette_of(["a"]))

    assert figure.data[0].x == (datetime(2026, 11, 16, 1),)


def test_a_model_name_is_text_on_a_chart():
    figure = spend_by_model([ModelSpend(MONDAY, "<b>m", 0.1)], AXIS, palette_of([]))

    assert figure.data[0].name == "&lt;b&gt;m"


def test_latency_has_a_solid_median_and_a_dotted_95th_percentile():
    figure = latency_by_strategy([StrategyLatency(MONDAY, "moa", 3000, 12_000)], AXIS, palette_of(["moa"]))

    assert [(line.name, line.y, line.line.dash) for line in figure.data] == [
        ("moa p50", (3000,), "solid"),
        ("moa p95", (12_000,), "dot"),
    ]
    assert figure.data[0].x == (datetime(2026, 11, 16, 12),)
    assert figure.layout.yaxis.ticktext == ("2 s", "5 s", "10 s", "20 s")


def test_tokens_are_those_of_an_average_run():
    row = StrategyTotals("moa", 2, 0.1, 0, 0.05, 4.0, 2.0, 200, 100, 60, 40)
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


def test_money_on_an_axis_has_the_decimals_of_its_step():
    assert axis_money([0, 0.0005, 0.001]) == ["$0", "$0.0005", "$0.0010"]
    assert axis_money([0, 20, 40]) == ["$0", "$20", "$40"]
