"""What did we spend: the sums of the four example traces (see tests/otlp_traces.py)."""

import pytest

from composite_llm import conventions as c
from tests.dashboard.conftest import STARTED_NS
from tests.otlp_traces import DAY, MINUTE, council_trace, key_values, moa_trace


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


def words(app):
    return " ".join(element.value for element in [*app.warning, *app.caption, *app.markdown, *app.subheader])


def link_labels(app):
    return [link.proto.label for link in app.get("page_link")]


def tables(app):
    """By the key each was given."""
    return {table.key: table.value for table in app.dataframe}


def test_the_cards_sum_the_runs_of_the_window(open_app, seeded):
    app = open_app(seeded)

    # 10 + 15 cents over four runs; the foreign trace's call has no price.
    assert figures(app) == {
        "Spend": "≥ $0.2500",
        "Cost per run": "≥ $0.0625",
        "p95 run latency": "5.5 s",
        # 40 of the 1,570 tokens that were read.
        "Cache hit": "3 %",
        "Runs with errors": "1 of 4",
        "Runs": "4",
    }


def test_a_call_without_a_price_makes_spend_a_lower_bound(open_app, seeded):
    app = open_app(seeded)

    assert "lower bound" in words(app)
    assert "The cost of 1 call is not known: it is left out of spend." in words(app)
    assert "Diagnostics" in link_labels(app)


def test_a_run_without_its_root_makes_sums_a_lower_bound(open_app, start_collector):
    calls_alone = [span for span in moa_trace(1, start_ns=STARTED_NS) if span.parent_span_id]

    assert "The root of 1 run has not arrived: it is still running, or cut off" in words(
        open_app(start_collector(*calls_alone))
    )


def test_nothing_is_said_of_lower_bounds_where_all_is_known(open_app, start_collector):
    app = open_app(start_collector(*moa_trace(1, start_ns=STARTED_NS)))

    assert "lower bound" not in words(app)


def test_the_charts_say_in_words_what_they_show(open_app, seeded):
    app = open_app(seeded)

    assert [chart.proto.alt for chart in app.get("plotly_chart")] == [
        "Stacked bars of runs over time by strategy, 3 of them",
        "Stacked bars of spend over time, 3 models",
        "Lines of median and 95th percentile run latency over time, by strategy",
        "Stacked bars of tokens over time: input, cached input, output, reasoning",
        "Bars of tokens per run by strategy: input, cached input, output, reasoning",
    ]
    assert "Calls without a known price are left out, of gpt-4o-mini." in words(app)


def test_what_runs_cost_is_told_by_strategy_with_its_spread(open_app, seeded):
    table = tables(open_app(seeded))["cost_by_strategy"]

    columns = ["Strategy", "Runs", "Mean", "p50", "p95", "Highest", "Spend", "Share", "Calls / run"]
    # The two moa runs cost 10 cents and nothing: the median lies half way, the 95th percentile at 0.95.
    assert table[columns].values.tolist() == [
        ["council", 1, "$0.1500", "$0.1500", "$0.1500", "$0.1500", "$0.1500", 60.0, "5.0"],
        ["moa", 2, "$0.0500", "$0.0500", "$0.0950", "$0.1000", "$0.1000", 40.0, "3.0"],
        ["other", 1, "unknown", "unknown", "unknown", "unknown", "unknown", 0.0, "1.0"],
    ]


def test_the_dearest_and_the_slowest_runs_come_first(open_app, seeded):
    shown = tables(open_app(seeded))

    assert shown["dearest_runs"]["Cost"].tolist() == ["$0.1500", "$0.1000", "unknown", "–"]
    assert shown["slowest_runs"]["Latency"].tolist() == ["6.0 s", "3.0 s", "700 ms", "500 ms"]


def test_who_spends_it_is_told_by_what_runs_carry(open_app, start_collector):
    by_ann = moa_trace(1, start_ns=STARTED_NS)
    by_ann[0].attributes.extend(key_values({c.USER_ID: "ann"}))
    url = start_collector(*by_ann, *council_trace(2, start_ns=STARTED_NS))

    rows = tables(open_app(url))["spenders"]
    assert rows.values.tolist() == [
        ["(no user given)", 1, "$0.1500", pytest.approx(60), "$0.1500"],
        ["ann", 1, "$0.1000", pytest.approx(40), "$0.1000"],
    ]
    programs = tables(open_app(url, who="Program"))["spenders"]
    assert programs["Program"].tolist() == ["composite-llm"]
    assert "says its tag" in words(open_app(url, who="Tag"))


def test_an_address_that_asks_for_no_label_of_ours_shows_users(open_app, seeded):
    assert "says its user" in words(open_app(seeded, who="<script>"))


def test_a_strategy_in_the_address_narrows_every_number(open_app, seeded):
    app = open_app(seeded, strategy="council")

    assert figures(app)["Spend"] == "$0.1500"
    assert figures(app)["Runs with errors"] == "0 of 1"
    assert "lower bound" not in words(app)


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
