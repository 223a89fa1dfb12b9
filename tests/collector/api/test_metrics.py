"""What Prometheus reads. Amounts are those of tests/otlp_traces.py."""

import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from collector.monitoring.figures import LONGEST_NAME, MOST_SERIES, OTHER, SECONDS, Figures
from collector.spans.columns import span_table
from collector.spans.otlp import batch_of
from composite_llm import conventions as c
from tests.collector.running import wait_until
from tests.otlp_traces import all_traces, export_request, foreign_trace, moa_trace, span

LABELS = ("question", "strategy", "model", "kind", "le")


def scraped(collector):
    """Value by name and labels."""
    answer = httpx.get(f"{collector.url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (
            sample.name.removeprefix("composite_llm_"),
            *(sample.labels[label] for label in LABELS if label in sample.labels),
        ): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_calls_are_counted_by_strategy_and_model(collector):
    collector.send(all_traces())
    wait_until(lambda: ("calls_total", "moa", "openai/gpt-4o") in scraped(collector))

    found = scraped(collector)

    # moa: 1 and 4 cents, and one call that was refused; council: three of 3 cents.
    assert found["calls_total", "moa", "openai/gpt-4o"] == 3
    assert found["calls_total", "council", "openai/gpt-4o"] == 3
    assert found["cost_usd_total", "moa", "openai/gpt-4o"] == pytest.approx(0.05)
    assert found["cost_usd_total", "council", "openai/gpt-4o"] == pytest.approx(0.09)
    assert found["call_errors_total", "moa", "openai/gpt-4o"] == 1
    assert found["tokens_total", "moa", "openai/gpt-4o", "input"] == 500
    assert found["tokens_total", "moa", "openai/gpt-4o", "cached"] == 40
    assert found["tokens_total", "moa", "anthropic/claude-opus", "reasoning"] == 5
    assert found["calls_unpriced_total", "other", "gpt-4o-mini"] == 1
    assert found["cost_usd_total", "other", "gpt-4o-mini"] == 0


def test_durations_fall_into_buckets(collector):
    collector.send(moa_trace())
    wait_until(lambda: ("call_seconds_sum", "moa", "openai/gpt-4o") in scraped(collector))

    found = scraped(collector)

    # Two calls of exactly one second, which "at most 1" holds.
    at_most = {bound: found["call_seconds_bucket", "moa", "openai/gpt-4o", str(bound)] for bound in SECONDS}
    assert at_most == {bound: 2 if bound >= 1 else 0 for bound in SECONDS}
    assert found["call_seconds_bucket", "moa", "openai/gpt-4o", "+Inf"] == 2
    assert found["call_seconds_sum", "moa", "openai/gpt-4o"] == 2


def test_what_comes_again_is_a_duplicate_and_nothing_more(collector):
    bad = span("bad")
    bad.span_id = b""
    collector.send([*moa_trace(), bad])
    collector.send(moa_trace())
    collector.send(foreign_trace())

    wait_until(lambda: ("calls_total", "other", "gpt-4o-mini") in scraped(collector))
    found = scraped(collector)

    assert {
        name: found[f"spans_{name}_total",] for name in ("received", "stored", "duplicate", "rejected")
    } == {
        "received": 7 + 1 + 7 + len(foreign_trace()),
        "stored": 7 + len(foreign_trace()),
        "duplicate": 7,
        "rejected": 1,
    }
    assert found["calls_total", "moa", "openai/gpt-4o"] == 2
    assert found["queue_spans",] == 0


def test_the_state_of_store_spool_and_questions(collector):
    collector.send(moa_trace())
    collector.ask("totals", since_ns=0, until_ns=1)
    collector.ask("totals", since_ns=0, until_ns=1)
    httpx.post(f"{collector.url}/questions/nonsense-{'x' * 50}")
    wait_until(lambda: scraped(collector)["seconds_since_commit",] >= 0)

    found = scraped(collector)

    assert found["store_bytes",] > 0
    assert found["spool_files_waiting",] == found["spool_files_landed_total",] == 0
    # The spans ended on 27 September 2026 at 12:00:03.
    assert found["landing_lag_seconds",] == pytest.approx(time.time() - 1_790_510_403, abs=3600)
    assert found["question_seconds_count", "totals"] == 2
    assert not [key for key in found if "nonsense" in str(key)]


def called(number, **attributes):
    return span("chat", number=number, attributes={c.SPAN_TYPE: c.LLM_CALL, **attributes})


def landed(figures, spans):
    figures.landed(span_table(batch_of(export_request(spans)).rows))


def test_hostile_names_make_a_bounded_number_of_series():
    figures = Figures()
    landed(figures, [called(1, **{c.REQUEST_MODEL: "x" * 10_000})])
    landed(figures, [called(number, **{c.REQUEST_MODEL: f"model {number}"}) for number in range(2, 1001)])

    calls = figures.calls()

    assert len(calls) == MOST_SERIES + 1
    assert calls[OTHER].calls == 1000 - MOST_SERIES
    assert calls["other", "x" * LONGEST_NAME].calls == 1


def test_names_are_escaped(collector):
    collector.send([called(1, **{c.REQUEST_MODEL: 'a"b\\c\nd', c.STRATEGY: "moa"})])

    wait_until(lambda: ("calls_total", "moa", 'a"b\\c\nd') in scraped(collector))


def test_a_commit_without_calls_or_without_anything_new_adds_none():
    figures = Figures()
    landed(figures, [span("no call")])
    figures.landed(span_table([]))

    assert figures.calls() == {}
    assert figures.committed_at is not None
