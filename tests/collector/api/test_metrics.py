"""What Prometheus reads. Amounts are those of tests/otlp_traces.py."""

import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from collector.monitoring import held_calls
from collector.monitoring.figures import LONGEST_NAME, MOST_SERIES, OTHER, SECONDS, Figures
from collector.monitoring.settling import settle
from collector.spans.columns import span_table
from collector.spans.otlp import batch_of
from collector.store import statements
from composite_llm import conventions as c
from tests.collector.running import wait_until
from tests.otlp_traces import NOON, all_traces, export_request, foreign_trace, moa_trace, span

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

    wait_until(lambda: scraped(collector)["calls_held",] == 1)
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


def test_a_call_of_another_library_counts_once_its_trace_is_settled(collector, monkeypatch):
    collector.send(foreign_trace())
    wait_until(lambda: scraped(collector)["calls_held",] == 1)
    settle(collector.inside.store, collector.inside.figures)
    early = scraped(collector)
    monkeypatch.setattr(held_calls, "QUIET_SECONDS", 0.0)
    settle(collector.inside.store, collector.inside.figures)
    settle(collector.inside.store, collector.inside.figures)
    found = scraped(collector)

    assert ("calls_total", "other", "gpt-4o-mini") not in early
    assert found["calls_held",] == 0
    assert (
        found["calls_total", "other", "gpt-4o-mini"]
        == found["calls_unpriced_total", "other", "gpt-4o-mini"]
        == 1
    )
    assert found["cost_usd_total", "other", "gpt-4o-mini"] == 0
    assert found["tokens_total", "other", "gpt-4o-mini", "input"] == 70


def agent(cost):
    attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 70}
    attributes |= {"gen_ai.usage.output_tokens": 7, "gen_ai.usage.cost": cost}
    return span("agent", trace=4, number=2, start_ns=NOON, duration_ms=800, attributes=attributes)


def test_what_a_later_span_takes_back_was_never_counted(collector, monkeypatch):
    """The agent alone would count; then the call that it repeats comes, which counts instead."""
    [call] = foreign_trace()
    call.parent_span_id = agent(0.5).span_id
    collector.send([agent(0.5)])
    wait_until(lambda: scraped(collector)["calls_held",] == 1)
    collector.send([call])
    wait_until(lambda: scraped(collector)["calls_held",] == 2)
    monkeypatch.setattr(held_calls, "QUIET_SECONDS", 0.0)
    settle(collector.inside.store, collector.inside.figures)

    found = scraped(collector)
    counted = {name: value for name, value in found.items() if name[0] == "calls_total"}
    [totals] = collector.ask("totals", since_ns=0, until_ns=2**63 - 1)
    assert sum(counted.values()) == totals["calls"] == 1
    spent = [value for name, value in found.items() if name[0] == "cost_usd_total"]
    assert sum(spent) == totals["spend_usd"]


def test_a_trace_without_its_root_is_waited_for_longer(collector, monkeypatch):
    [call] = foreign_trace()
    call.parent_span_id = b"parent??"
    collector.send([call])
    wait_until(lambda: scraped(collector)["calls_held",] == 1)
    monkeypatch.setattr(held_calls, "QUIET_SECONDS", 0.0)
    settle(collector.inside.store, collector.inside.figures)
    waiting = scraped(collector)["calls_held",]
    monkeypatch.setattr(held_calls, "LONGEST_QUIET_SECONDS", 0.0)
    settle(collector.inside.store, collector.inside.figures)

    assert (waiting, scraped(collector)["calls_held",]) == (1, 0)
    assert scraped(collector)["calls_total", "other", "gpt-4o-mini"] == 1


def test_no_more_is_held_than_fits(collector, monkeypatch):
    monkeypatch.setattr(held_calls, "MOST_SPANS", 1)
    collector.send(foreign_trace(4))
    collector.send(foreign_trace(5))
    wait_until(lambda: scraped(collector)["calls_held",] == 2)
    settle(collector.inside.store, collector.inside.figures)

    assert scraped(collector)["calls_held",] == 1
    assert scraped(collector)["calls_total", "other", "gpt-4o-mini"] == 1


def test_what_cannot_be_looked_up_is_counted_later(collector, monkeypatch):
    collector.send(foreign_trace())
    wait_until(lambda: scraped(collector)["calls_held",] == 1)
    monkeypatch.setattr(held_calls, "QUIET_SECONDS", 0.0)
    with monkeypatch.context() as broken:
        broken.setattr(statements, "query", lambda name, *folder: "select nonsense")
        settle(collector.inside.store, collector.inside.figures)
    held = scraped(collector)["calls_held",]
    settle(collector.inside.store, collector.inside.figures)

    assert held == 1
    assert scraped(collector)["calls_total", "other", "gpt-4o-mini"] == 1


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
