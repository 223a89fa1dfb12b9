"""What did we spend: the sums of the four example traces (see tests/otlp_traces.py)."""

from tests.dashboard.conftest import STARTED_NS
from tests.otlp_traces import DAY, MINUTE, council_trace, moa_trace


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


def words(app):
    return " ".join(element.value for element in [*app.warning, *app.caption, *app.markdown, *app.subheader])


def test_the_cards_sum_the_runs_of_the_window(open_app, seeded):
    app = open_app(seeded)

    # 10 + 15 cents over four runs; the foreign trace's call has no price.
    assert figures(app) == {
        "Spend": "≥ $0.2500",
        "Cost per run": "≥ $0.0625",
        "p95 run latency": "5.5 s",
        "Runs with errors": "1 of 4",
    }


def test_a_call_without_a_price_makes_spend_a_lower_bound(open_app, seeded):
    assert open_app(seeded).warning[0].value == (
        "The cost of 1 call is not known: it is left out of spend, which is a lower bound. "
        "An agent that used more than its recorded calls counts as a call here."
    )


def test_there_are_three_charts_and_a_table_of_strategies(open_app, seeded):
    app = open_app(seeded)

    assert [chart.proto.alt for chart in app.get("plotly_chart")] == [
        "Stacked bars of spend over time, 3 models",
        "Lines of median and 95th percentile run latency over time, by strategy",
        "Bars of tokens per run by strategy: input, cached input, output, reasoning",
    ]
    table = app.dataframe[0].value
    assert table[["Strategy", "Runs", "Per run", "Spend", "Calls / run"]].values.tolist() == [
        ["council", 1, "$0.1500", "$0.1500", "5.0"],
        ["moa", 2, "$0.0500", "$0.1000", "3.0"],
        ["other", 1, "unknown", "unknown", "1.0"],
    ]


def test_a_strategy_in_the_address_narrows_every_number(open_app, seeded):
    app = open_app(seeded, strategy="council")

    assert figures(app)["Spend"] == "$0.1500"
    assert figures(app)["Runs with errors"] == "0 of 1"
    assert not app.warning


def test_choosing_a_strategy_in_the_sidebar_narrows_every_number(open_app, seeded):
    app = open_app(seeded)
    app.sidebar.pills(key="strategy").set_value(["moa"]).run()

    assert figures(app)["Spend"] == "$0.1000"


def test_where_nothing_has_a_price_spend_is_unknown_and_not_zero(open_app, seeded):
    app = open_app(seeded, strategy="other")

    assert figures(app)["Spend"] == "unknown"
    assert figures(app)["Cost per run"] == "unknown"


def test_simulated_runs_are_named_as_such(open_app, start_collector):
    app = open_app(start_collector(*moa_trace(1, start_ns=STARTED_NS, simulated=True)))

    assert "1 of 1 run is simulated: nothing was billed." in words(app)


def test_real_runs_are_not_called_simulated(open_app, seeded):
    assert "simulated" not in words(open_app(seeded))


def test_a_card_compares_with_the_window_before(open_app, start_collector):
    now, day_before = STARTED_NS, STARTED_NS - DAY
    runs = [
        *moa_trace(1, start_ns=now),
        *moa_trace(2, start_ns=now + MINUTE),
        *moa_trace(3, start_ns=day_before),
    ]
    app = open_app(start_collector(*runs), window="1d")

    spend = next(metric for metric in app.metric if metric.label == "Spend")
    assert (spend.value, spend.delta) == ("$0.2000", "+100 %")
    assert spend.proto.delta_description == "vs the day before"


def test_an_empty_store_says_how_to_record_a_run(open_app, empty):
    app = open_app(empty)

    assert app.subheader[0].value == "No traces yet"
    assert app.code[0].value == 'composite-llm ask --mode moa "Why is the sky blue?"'
    assert not app.metric


def test_a_window_without_runs_offers_all_of_them(open_app, seeded):
    app = open_app(seeded, origin="simulated")
    assert app.subheader[0].value == "No runs match"

    app.button[0].click().run()
    assert figures(app)["Runs with errors"] == "1 of 4"


def test_money_nobody_was_billed_does_not_stand_among_money_somebody_was(open_app, start_collector):
    """A real run of 10 cents and a simulated one of 15: spend is 10 cents unless all are asked for."""
    real = moa_trace(1, start_ns=STARTED_NS)
    url = start_collector(*real, *council_trace(2, start_ns=STARTED_NS + MINUTE, simulated=True))

    assert figures(open_app(url))["Spend"] == "$0.1000"
    assert figures(open_app(url, origin="all"))["Spend"] == "$0.2500"
