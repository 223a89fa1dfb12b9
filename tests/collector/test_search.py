"""Searching all that was ever said: newest first, with progress, until nobody asks further."""

import pytest

from collector import search
from collector.client import CollectorClient
from collector.search import search as searched
from composite_llm import conventions as c
from tests.otlp_traces import NOON, SECOND, span, trace_hex

DAY = 86_400 * SECOND
EVER = {"since_ns": 0, "until_ns": 2**63 - 1}


def said(trace, text, *, days, key=c.OUTPUT_VALUE, number=1):
    return span("chat", trace=trace, number=number, start_ns=NOON + round(days * DAY), attributes={key: text})


@pytest.fixture
def told(collector):
    spans = [
        said(1, "A heron by the lake", days=0),
        said(2, "nothing of the kind", days=3),
        said(3, '[{"content":"HERONS?"}]', days=9, key=c.INPUT_MESSAGES),
        said(3, "the heron again", days=0.5, number=2),
        said(4, "a Heron", days=9.001, key=c.INPUT_VALUE),
    ]
    assert collector.send(spans).status_code == 200
    with CollectorClient(collector.url) as client:
        yield client


def found_in(steps):
    return [row for step in steps for row in step.found.to_pylist()]


def test_each_trace_that_says_the_words_is_found_once_the_newest_first(told):
    assert found_in(searched(told, "heron", **EVER)) == [
        {"trace_id": trace_hex(4), "start_ns": NOON + round(9.001 * DAY)},
        {"trace_id": trace_hex(3), "start_ns": NOON + 9 * DAY},
        {"trace_id": trace_hex(1), "start_ns": NOON},
    ]


def test_each_step_says_how_far_the_search_has_come(told):
    steps = list(searched(told, "heron", **EVER))

    shares = [step.share for step in steps]
    assert len(steps) > 2
    assert shares == sorted(set(shares))
    assert (shares[-1], steps[-1].searched_since_ns) == (1.0, NOON)


def test_who_stops_asking_has_what_was_found_until_then(told):
    steps = searched(told, "heron", **EVER)
    first = next(steps)
    steps.close()

    assert first.found["trace_id"].to_pylist() == [trace_hex(4), trace_hex(3)]
    assert first.share < 1


def test_a_stretch_with_more_than_an_answer_holds_loses_none(told, monkeypatch):
    monkeypatch.setattr(search, "MOST_A_STRETCH", 1)

    found = found_in(searched(told, "heron", **EVER))

    assert [row["trace_id"] for row in found] == [trace_hex(4), trace_hex(3), trace_hex(1)]


def test_only_the_time_asked_for_is_searched(told):
    found = found_in(searched(told, "heron", since_ns=NOON, until_ns=NOON + DAY))

    assert {row["trace_id"] for row in found} == {trace_hex(1), trace_hex(3)}


def test_an_empty_store_is_searched_at_once(collector):
    with CollectorClient(collector.url) as client:
        assert list(searched(client, "heron", **EVER)) == []
