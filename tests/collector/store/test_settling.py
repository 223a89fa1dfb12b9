"""Merging the parts of traces changes no answer, whenever it happens."""

import pytest

from collector.parameters import Buckets, Nothing, OneTrace, TraceFilter, Window
from collector.queries import QUESTIONS
from collector.spans import otlp
from collector.store.duckdb import settling
from collector.store.duckdb.store import DuckdbStore
from tests.collector.running import EVERYTHING
from tests.otlp_traces import NOON, SECOND, all_traces, export_request, moa_trace, trace_hex

BY_HOUR = {
    "since_ns": NOON - 3600 * SECOND,
    "until_ns": NOON + 3600 * SECOND,
    "bucket_seconds": 900,
    "zone": "Asia/Kathmandu",
}
ASKED = {
    Nothing: Nothing(),
    Window: Window(**EVERYTHING),
    Buckets: Buckets(**BY_HOUR),
    TraceFilter: TraceFilter(**EVERYTHING),
    OneTrace: OneTrace(trace_id=trace_hex(1)),
}


def answers(store):
    """Every question's answer, with sums of money rounded as far as the order of addition may change them."""
    return {
        name: [_rounded(row) for row in question.answer(store, ASKED[question.parameters]).to_pylist()]
        for name, question in QUESTIONS.items()
        if question.parameters in ASKED
    }


def _rounded(row):
    return {name: round(value, 9) if isinstance(value, float) else value for name, value in row.items()}


def settle(store):
    with store.file.writing() as cursor:
        settling.settle(cursor)


def parts(store):
    with store.file.reading() as cursor:
        counts = "select count(*), count(*) filter (settled), count(distinct trace_id) from trace_parts"
        return cursor.execute(counts).fetchall()[0]


@pytest.fixture
def other(tmp_path):
    store = DuckdbStore.open(tmp_path / "other")
    yield store
    store.close()


def test_settled_traces_answer_as_before(store, land):
    for span in all_traces():
        land([span])
    before = answers(store)

    settle(store)

    assert parts(store) == (4, 4, 4)
    assert answers(store) == before
    assert before["totals"][0]["runs"] == 4


def test_spans_that_come_after_their_trace_was_settled_count_once(store, land, other):
    late, early = moa_trace(1)[:3], moa_trace(1)[3:]
    land([*early, *moa_trace(2)])
    settle(store)
    land(late)
    other.land(otlp.batch_of(export_request([*moa_trace(1), *moa_trace(2)])))

    assert parts(store) == (3, 2, 2)
    assert answers(store) == answers(other)

    settle(store)

    assert parts(store) == (2, 2, 2)
    assert answers(store) == answers(other)


def test_parts_are_merged_once_enough_of_them_wait(store, land, monkeypatch):
    monkeypatch.setattr(settling, "MOST_WAITING", 6)
    for span in moa_trace(1):
        land([span])

    assert parts(store) == (1, 1, 1)
