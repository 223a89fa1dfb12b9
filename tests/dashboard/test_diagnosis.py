"""What is concluded from what was found: pure functions, over evidence written down here."""

from dataclasses import replace

import pytest

from collector.monitoring.health import Health
from collector.monitoring.pace import Course, Lag
from collector.monitoring.status import Status
from collector.spool.folder import SpoolContents
from composite_llm.accounting.own_prices import OwnPrice, OwnPrices
from dashboard.diagnosis.answers import Oddity, Trust, UnpricedModel
from dashboard.diagnosis.findings import Evidence, findings
from dashboard.diagnosis.own_prices import all_would_have_cost, models_to_price, would_have_cost
from dashboard.diagnosis.settings_told import told_settings
from dashboard.diagnosis.spread import bars
from dashboard.diagnosis.verdict import verdict
from dashboard.panels.diagnostics_ingest import lag_of, per_second

HEALTH = Health(
    service="composite-llm-collector",
    version="0.1.0",
    schema_version=2,
    store="/data/traces.duckdb",
    pid=1,
    grpc="off",
    uptime_s=60.0,
    spans_received=100,
    spans_stored=100,
    spans_duplicate=0,
    spans_rejected=0,
    oddities={},
    spool_files=0,
    spool_landed=0,
    spool_repaired=0,
    spool_set_aside=0,
    spool_discarded=0,
    spans_lost=0,
    content="full",
    oldest_span_ns=1,
    newest_span_ns=2,
    traces=10,
    simulated_traces=0,
    spans=100,
    llm_calls=40,
    unpriced_calls=0,
    store_bytes=1000,
    retention={},
)
STATUS = Status(
    lag=Lag(0, None, None, None),
    course=Course(10, [0], [0], [0], [0]),
    seconds_since_commit=None,
    queued_spans=0,
    calls_held=0,
    rejected_spans={},
    refused_requests={},
    spool=SpoolContents(0, 0, None, 0, 0, 0),
    versions={},
)
TRUST = Trust(runs=10, calls=40, spend_usd=1.0, priced_calls=40, unpriced_calls=0, simulated_runs=0)
SOUND = Evidence(TRUST, HEALTH, STATUS, [], [])


def unpriced(model="acme/one", dialect="composite", calls=3, **more):
    told = {
        "is_call": True,
        "is_simulated": False,
        "runs": 2,
        "cut_off": 0,
        "input_tokens": 1000,
        "output_tokens": 100,
        "cached_tokens": 0,
        "reasoning_tokens": 0,
        "example_trace_id": "a" * 32,
    }
    return UnpricedModel(model=model, dialect=dialect, calls=calls, **told | more)


def oddity(kind, spans=1, **more):
    told = {
        "traces": 1,
        "example_trace_id": "b" * 32,
        "most_ms": None,
        "twice_usd": None,
        "meaning": "So it is.",
    }
    return Oddity(kind=kind, spans=spans, **told | more)


def said(**found):
    evidence = replace(SOUND, **found)
    return verdict(evidence, findings(evidence))


def test_where_nothing_was_found_totals_are_exact():
    told = said()

    assert (told.tone, told.headline) == ("good", "Totals are exact.")
    assert told.detail == "All 40 calls have a known cost, and no span is known to be missing."


def test_calls_without_a_price_make_spend_a_lower_bound():
    told = said(
        trust=replace(TRUST, unpriced_calls=31), unpriced=[unpriced(calls=30), unpriced("b/two", calls=1)]
    )

    assert (told.tone, told.headline) == ("warning", "Spend is a lower bound: 31 calls have no price.")


def test_an_agent_that_tells_more_is_no_call():
    agent = unpriced("gpt-4o", "gen_ai", calls=1, is_call=False)
    told = said(trust=replace(TRUST, unpriced_calls=2), unpriced=[unpriced(calls=1), agent])

    assert told.headline == (
        "Spend is a lower bound: 1 call has no price and 1 agent tells of more usage than the calls below it."
    )


def test_what_is_counted_twice_comes_first_and_is_no_lower_bound():
    twice = oddity("one response in several traces", 2, twice_usd=0.12)
    evidence = replace(SOUND, oddities=[oddity("parent not there", 5), twice])
    found = findings(evidence)

    assert [finding.title for finding in found] == [
        "One answer told in several traces",
        "Parents that are not there",
    ]
    assert "$0.1200 of it counted again" in found[0].meaning
    told = verdict(evidence, found)
    assert told.tone == "bad"
    assert told.headline == "Spend may be too high: 2 spans are told in several traces and counted in each."
    assert told.detail == "Beside that, 5 spans name a parent that is not there."


def test_too_high_and_too_low_at_once_is_neither():
    told = said(
        trust=replace(TRUST, unpriced_calls=1),
        unpriced=[unpriced(calls=1)],
        oddities=[oddity("one response in several traces")],
    )

    assert told.headline == (
        "Spend is not exact: 1 span is told in several traces and counted in each and 1 call has no price."
    )


@pytest.mark.parametrize(
    ("counted", "headline"),
    [
        ({"spans_lost": 1}, "Spend is a lower bound: 1 span was dropped by their programs."),
        ({"spans_rejected": 2}, "Spend is a lower bound: 2 spans were rejected."),
        (
            {"spool_discarded": 1, "spool_set_aside": 2},
            "Spend is a lower bound: 3 spooled files could not be stored.",
        ),
        ({"spool_files": 1}, "Something may be missing: 1 spooled file waits to be landed."),
        ({"spans_duplicate": 9}, "Totals are exact."),
    ],
)
def test_what_did_not_arrive_is_in_no_total(counted, headline):
    assert said(health=replace(HEALTH, **counted)).headline == headline


def test_requests_that_are_sent_again_are_no_loss():
    passing = replace(STATUS, refused_requests={"QueueFull": 7, "StoreBusy": 1, "TooMuchInHand": 2})
    lost = replace(STATUS, refused_requests={"QueueFull": 7, "NotOtlp": 2})

    assert said(status=passing).headline == "Totals are exact."
    assert said(status=lost).headline == "Spend is a lower bound: 2 requests could not be read."


def test_reasons_of_rejection_are_told_where_the_collector_tells_them():
    rejecting = replace(HEALTH, spans_rejected=3)
    told = replace(STATUS, rejected_spans={"its trace id is not 16 bytes, or all zero": 3})

    [known] = findings(replace(SOUND, health=rejecting, status=told))
    [unknown] = findings(replace(SOUND, health=rejecting, status=None))
    assert "all zero (3)" in known.meaning
    assert known.count == unknown.count == "3"


def test_times_that_are_odd_leave_totals_exact():
    told = said(oddities=[oddity("ends after its parent", 12, most_ms=1500.0), oddity("in a circle")])

    assert told.headline == "Totals are exact."


def test_clocks_that_put_spans_outside_of_the_window_do_not():
    told = said(oddities=[oddity("starts in the future", 2)])

    assert told.headline == "Something may be missing: 2 spans start in the future, outside of this window."


def test_what_was_not_looked_for_is_not_called_exact():
    told = said(oddities=None)

    assert told.headline == "Every call has a price."
    assert told.detail == "Spans were not held against each other yet."


def test_an_older_collector_tells_the_sum_of_unpriced_calls_alone():
    told = said(trust=replace(TRUST, unpriced_calls=2), unpriced=None, status=None)

    assert told.headline == "Spend is a lower bound: 2 calls have no price."


def test_a_window_without_calls_has_nothing_to_add_up():
    assert said(trust=Trust(0, 0, 0.0, 0, 0, 0)).tone == "empty"


def test_simulated_runs_are_named():
    assert said(trust=replace(TRUST, simulated_runs=4)).detail.endswith(
        " 4 of 10 runs are simulated: nothing was billed for them."
    )


def test_an_estimate_is_made_of_the_recorded_tokens():
    price = OwnPrice(model="acme/one", input=2, output=8, cached_input=1, valid_from="2999-01-01")
    row = unpriced("sim/acme/one", input_tokens=1000, cached_tokens=400, output_tokens=100)

    # 600 × $2 + 400 × $1 + 100 × $8, a million; that it has not begun yet is no matter for an estimate.
    assert would_have_cost(row, OwnPrices((price,))) == pytest.approx(0.0024)
    assert would_have_cost(unpriced("acme/two"), OwnPrices((price,))) is None
    assert all_would_have_cost([row, row, unpriced("acme/two")], OwnPrices((price,))) == pytest.approx(0.0048)
    assert all_would_have_cost([], OwnPrices((price,))) is None


def test_nothing_is_estimated_where_no_tokens_or_no_call_is_told():
    prices = OwnPrices((OwnPrice(model="acme/one", input=2, output=8, valid_from="2026-01-01"),))

    assert would_have_cost(unpriced(input_tokens=0, output_tokens=0), prices) is None
    assert would_have_cost(unpriced(is_call=False), prices) is None


def test_only_models_that_a_price_would_help_can_be_priced():
    rows = [
        unpriced("sim/acme/one"),
        unpriced("acme/one"),
        unpriced("acme/cut", cut_off=3),
        unpriced("gpt-4o", "gen_ai"),
        unpriced("acme/agent", is_call=False),
        unpriced("unknown"),
        unpriced("acme/two", cut_off=2),
    ]

    assert models_to_price(rows) == ["acme/one", "acme/two"]


def test_bars_are_as_wide_as_they_have_to_be():
    assert bars([]) == []
    assert bars([3, 1, 3]) == [("1", 1), ("2", 0), ("3", 2)]
    # 1 to 40 in bars of 5, from 0–4 to 40–44.
    wide = bars([1, 4, 5, 40])
    assert [bar.label for bar in wide[:2]] == ["0–4", "5–9"]
    assert [bar.number for bar in wide] == [2, 1, 0, 0, 0, 0, 0, 0, 1]
    assert sum(bar.number for bar in bars(range(100_000))) == 100_000


def test_settings_are_told_with_their_source_and_without_secrets(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("COMPOSITE_LLM_CONTENT=redacted\n")
    monkeypatch.setenv("COMPOSITE_LLM_CONTENT", "redacted")
    monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", "http://me:hush@collector.example:4318")
    monkeypatch.setenv("COMPOSITE_LLM_STORE", "clickhouse://me:hush@server/traces")
    monkeypatch.setenv("COMPOSITE_LLM_TOKEN", "hush-hush")
    monkeypatch.delenv("COMPOSITE_LLM_CACHE", raising=False)

    told = {each.variable: (each.value, each.source) for each in told_settings()}

    assert told["COMPOSITE_LLM_CONTENT"] == ("redacted", ".env")
    assert told["COMPOSITE_LLM_COLLECTOR"] == ("http://…@collector.example:4318", "environment")
    assert told["COMPOSITE_LLM_CACHE"] == ("in memory", "default")
    assert "hush" not in str(told)


def test_rates_and_lags_are_written_as_they_are_read():
    assert [per_second(rate) for rate in (0, 0.4, 12.4, 1234)] == ["0 / s", "0.4 / s", "12 / s", "1.23 k / s"]
    assert [lag_of(seconds) for seconds in (None, 0.25, 90, -12)] == ["–", "250 ms", "1 m 30 s", "−12.0 s"]
