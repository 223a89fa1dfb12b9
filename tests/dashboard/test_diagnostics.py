"""The page of diagnostics, in each of its states, over stores a reader can add up."""

from datetime import UTC, datetime

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

import composite_llm
from composite_llm import conventions as c
from dashboard import fmt
from dashboard.panels import diagnostics_findings
from tests.collector.running import PROTOBUF
from tests.dashboard.conftest import STARTED_NS, send
from tests.otlp_traces import council_trace, moa_trace, more_than_calls, span, trace_hex

DIAGNOSTICS = "views/diagnostics.py"
TODAY = datetime.now(UTC).date()


def words(app):
    shown = [*app.success, *app.warning, *app.error, *app.info, *app.markdown, *app.caption, *app.subheader]
    return "\n".join(element.value for element in shown)


def figures(app):
    return {metric.label: (metric.value, metric.delta) for metric in app.metric}


def table(app, column):
    """The table that has this column."""
    return next(frame.value for frame in app.dataframe if column in frame.value.columns)


def test_totals_are_exact_where_every_call_has_a_price(open_app, start_collector):
    spans = [*moa_trace(1, start_ns=STARTED_NS), *council_trace(2, start_ns=STARTED_NS)]
    app = open_app(start_collector(*spans), DIAGNOSTICS)

    assert app.success[0].value == (
        "**Totals are exact.**  \nAll 9 calls have a known cost, and no span is known to be missing."
    )
    assert "Nothing was found." in words(app)
    assert not app.warning


def test_a_call_without_a_price_is_the_verdict_and_the_first_finding(open_app, seeded):
    app = open_app(seeded, DIAGNOSTICS)

    assert app.warning[0].value == "**Spend is a lower bound\\: 1 call has no price.**"
    assert app.markdown[0].value == "**1**"
    row = table(app, "Cut off").iloc[0]
    assert row[["Model", "Recorded by", "Calls", "At your price"]].tolist() == [
        "gpt-4o-mini",
        "gen_ai",
        1,
        "–",
    ]
    # Another library's calls are priced by that library: there is nothing to fill in.
    assert not app.number_input
    assert "A price written here does not reach them" in words(app)


def test_filters_on_the_left_do_not_hide_what_is_wrong(open_app, seeded):
    app = open_app(seeded, DIAGNOSTICS, strategy="council")

    assert "1 call has no price" in app.warning[0].value
    assert "whatever strategy, mode, tag or origin is chosen" in words(app)


def test_a_large_window_is_looked_through_when_somebody_asks(open_app, start_collector, monkeypatch):
    monkeypatch.setattr(diagnostics_findings, "MOST_SPANS_AT_ONCE", 6)
    url = start_collector(*moa_trace(1, start_ns=STARTED_NS))
    app = open_app(url, DIAGNOSTICS)
    assert (
        app.success[0].value == "**Every call has a price.**  \nSpans were not held against each other yet."
    )

    button(app, "Hold all 7 spans against each other").click().run()

    assert app.success[0].value.startswith("**Totals are exact.**")


def test_an_empty_store_has_nothing_to_add_up(open_app, empty):
    for view in ("Numbers", "Ingest", "Runs", "Store"):
        app = open_app(empty, DIAGNOSTICS, view=view)
        assert app.info[0].value.startswith("**There is nothing to add up.**")


def test_a_view_that_does_not_exist_is_the_first(open_app, seeded):
    app = open_app(seeded, DIAGNOSTICS, view="<script>", window="nonsense")

    assert "Models without a price" in words(app)


def test_double_counting_is_told_by_its_rule(open_app, start_collector):
    url = start_collector(*more_than_calls(40, start_ns=STARTED_NS))
    app = open_app(url, DIAGNOSTICS)

    assert "1 agent tells of more usage than the calls below it" in app.warning[0].value
    rules = table(app, "Why")
    told = rules[["Counts", "Spans", "Cost told"]].values.tolist()
    assert sorted(told) == [["no", 1, "$0.5000"], ["yes", 1, "$0.1000"]]


def test_a_chosen_row_opens_the_span_it_is_about(open_app, start_collector):
    url = start_collector(*more_than_calls(40, start_ns=STARTED_NS))
    app = open_app(url, DIAGNOSTICS)
    app.session_state["usage_table"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()

    assert app.query_params["trace"] == trace_hex(40)


def test_ingest_is_told_with_what_was_rejected(open_app, start_collector):
    url = start_collector(*moa_trace(1, start_ns=STARTED_NS))
    bad = span("no trace", trace=1)
    bad.trace_id = b""
    send(url, [bad, *moa_trace(1, start_ns=STARTED_NS)])
    app = open_app(url, DIAGNOSTICS, view="Ingest")

    assert figures(app)["Stored, ten minutes"] == ("7", "of 15 received")
    assert figures(app)["Lag p50"][1] == "of the latest 7 spans"
    counted = dict(table(app, "Number")[["What", "Number"]].values.tolist())
    assert (counted["Spans received"], counted["Spans sent again"], counted["Rejected spans"]) == (
        "15",
        "7",
        "1",
    )
    assert "1 span was rejected" in app.warning[0].value


def test_runs_are_told_by_what_they_wait_for(open_app, start_collector):
    app = open_app(start_collector(*moa_trace(1, start_ns=STARTED_NS)), DIAGNOSTICS, view="Runs")

    # Two seconds of three for the slowest proposer, one for the aggregator: see tests/otlp_traces.py.
    waits = table(app, "Of the wait")
    assert waits[["Model", "Of the wait", "Waited", "Came last", "Later by"]].values.tolist() == [
        ["gemini/flash", 0.67, "2.0 s", "1 of 1", "500 ms"],
        ["openai/gpt-4o", 0.33, "1.0 s", "0 of 1", "–"],
        ["anthropic/claude-opus", 0.0, "0.0 ms", "0 of 1", "–"],
    ]
    # 1 + 4 cents, 3 and 2.
    assert table(app, "Share")[["Model", "Share", "Spend", "Calls"]].values.tolist() == [
        ["openai/gpt-4o", 0.5, "$0.0500", 2],
        ["gemini/flash", 0.3, "$0.0300", 1],
        ["anthropic/claude-opus", 0.2, "$0.0200", 1],
    ]
    assert figures(app)["Runs with tools"] == ("0 %", "0 of 1 run")
    assert figures(app)["Deepest run"] == ("3 levels", "usually 3")


def test_a_model_leads_to_its_runs(open_app, start_collector):
    app = open_app(start_collector(*moa_trace(1, start_ns=STARTED_NS)), DIAGNOSTICS, view="Runs", window="1d")
    app.session_state["cost_table"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()

    assert app.query_params["model"] == "gemini/flash"
    assert app.query_params["sort"] == "cost"


def test_the_store_is_told_with_its_holder_and_its_limits(open_app, seeded):
    app = open_app(seeded, DIAGNOSTICS, view="Store")

    assert figures(app)["Runs"][0] == "4"
    assert "the collector was started without limits" in words(app)
    assert "COMPOSITE_LLM_DATA" in table(app, "Setting")["Setting"].tolist()


def planned(app, keep):
    app.text_input(key="prune_keep").set_value(keep)
    button(app, "Show what would go").click().run()
    return app


def button(app, label):
    return next(each for each in app.button if each.label == label)


def test_a_dry_run_says_what_would_go_and_takes_nothing(open_app, start_collector):
    day = 86_400 * 10**9
    url = start_collector(
        *moa_trace(1, start_ns=STARTED_NS), *council_trace(2, start_ns=STARTED_NS - 60 * day)
    )
    app = planned(open_app(url, DIAGNOSTICS, view="Store"), "30d")

    assert "**1 run** with " in words(app)
    assert table(app, "About")["Runs"].tolist() == [1]
    assert httpx.get(f"{url}/healthz").json()["traces"] == 2


@pytest.mark.parametrize(
    ("keep", "complaint"), [("soon", "no age to keep"), ("", "has no limits of its own")]
)
def test_a_limit_nobody_can_read_is_said(open_app, seeded, keep, complaint):
    app = planned(open_app(seeded, DIAGNOSTICS, view="Store"), keep)

    assert complaint in words(app)


@pytest.fixture
def recorded(simulator, spans):
    """Asks an unknown model through composite_llm, and lands what it recorded; the cost of its one call."""

    def ask(url):
        spans.clear()
        composite_llm.completion(
            "composite/direct/sim/acme/frontier-1", [{"role": "user", "content": "What is a price?"}]
        )
        made = spans.get_finished_spans()
        body = encode_spans(made).SerializeToString()
        httpx.post(f"{url}/v1/traces", content=body, headers=PROTOBUF).raise_for_status()
        return next(one.attributes for one in made if one.attributes.get(c.SPAN_TYPE) == c.LLM_CALL)

    return ask


def test_a_model_that_is_priced_has_a_cost_from_then_on_and_not_before(
    open_app, start_collector, recorded, tmp_path
):
    url = start_collector()
    app = open_app(url)
    before = recorded(url)
    assert c.COST_USD not in before
    app = open_app(url, DIAGNOSTICS)
    assert "1 call has no price" in app.warning[0].value
    app.number_input(key="price_input").set_value(2.0)
    app.number_input(key="price_output").set_value(8.0)
    button(app, "Save the price").click().run()

    assert not app.error
    assert f"valid_from: {TODAY}" in (tmp_path / "prices.yaml").read_text()
    usd = (before[c.INPUT_TOKENS] * 2 + before[c.OUTPUT_TOKENS] * 8) / 1e6
    estimate = table(app, "At your price").iloc[0]
    assert float(estimate["At your price"].removeprefix("≈ $")) == pytest.approx(usd, rel=0.02)
    # What is recorded stays unknown.
    assert "1 call has no price" in app.warning[0].value

    after = recorded(url)
    assert after[c.COST_USD] == pytest.approx((after[c.INPUT_TOKENS] * 2 + after[c.OUTPUT_TOKENS] * 8) / 1e6)
    assert (after[c.COST_SOURCE], after[c.PRICE_VERSION]) == ("own", f"own-{TODAY}")
    app = open_app(url, DIAGNOSTICS, view="Runs")
    assert table(app, "Share")[["Model", "Spend", "Calls"]].values.tolist() == [
        ["sim/acme/frontier-1", fmt.money(after[c.COST_USD], lower_bound=True), 2]
    ]


def test_a_price_without_its_numbers_is_not_saved(open_app, start_collector, recorded, tmp_path):
    url = start_collector()
    open_app(url)
    recorded(url)
    app = open_app(url, DIAGNOSTICS)
    app.number_input(key="price_input").set_value(2.0)
    button(app, "Save the price").click().run()

    assert "A price needs input and output" in app.error[0].value
    assert not (tmp_path / "prices.yaml").exists()


def test_a_file_of_prices_that_cannot_be_read_is_said(open_app, seeded, tmp_path):
    (tmp_path / "prices.yaml").write_text("- {model: a, input: cheap, output: 1, valid_from: 2026-01-01}")
    app = open_app(seeded, DIAGNOSTICS)

    assert "entry 1\\: input\\: " in words(app)
