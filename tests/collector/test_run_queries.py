"""The list of runs in each order, how deep runs are, and the names they can be narrowed to."""

import pyarrow as pa
import pytest

from collector import queries, run_queries
from collector.parameters import CallsOf, ChosenRuns, Nothing, TraceFilter, Window
from collector.run_queries import deepest, depths
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING
from tests.otlp_traces import DAY, NOON, all_traces, request_attributes, span, trace_hex


@pytest.fixture
def landed(store, land):
    land(all_traces())
    return store


def listed(store, **filters):
    page = queries.traces(store, TraceFilter(**EVERYTHING, **filters))
    return [int(trace_id, 16) for trace_id in page["trace_id"].to_pylist()]


def chain(trace: int, levels: int, **more):
    return [
        span("level", trace=trace, number=number, parent=number - 1 or None, **more)
        for number in range(1, levels + 1)
    ]


# Of the four example traces: cents 10, 15, 0, unknown; seconds 3, 6, 0.5, 0.7; calls 4, 5, 2, 1; tokens 1100, 650,
# 0, 77; levels 3, 3, 3, 1. Each began a minute after the one before.
@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", [4, 3, 2, 1]),
        ("cost", [2, 1, 4, 3]),
        ("latency", [2, 1, 4, 3]),
        ("calls", [2, 1, 3, 4]),
        ("tokens", [1, 2, 4, 3]),
        ("depth", [3, 2, 1, 4]),
    ],
)
def test_runs_come_in_the_order_asked_for_and_the_newest_first_among_equals(landed, sort, order):
    assert listed(landed, sort=sort) == order
    assert listed(landed, sort=sort, page_size=2, page_offset=1) == order[1:3]


@pytest.mark.parametrize(
    ("sort", "order"), [("newest", [3, 2, 1]), ("cost", [2, 1, 3]), ("tokens", [1, 2, 3])]
)
def test_runs_of_some_depth_come_in_every_order(landed, sort, order):
    assert listed(landed, min_depth=3, sort=sort) == order
    assert listed(landed, min_depth=4, sort=sort) == []


def test_depth_goes_with_the_other_filters_and_counts_what_matches(landed):
    page = queries.traces(landed, TraceFilter(**EVERYTHING, min_depth=2, strategies=("moa",), page_size=1))

    assert page.select(["trace_id", "matching", "looked_at"]).to_pylist() == [
        {"trace_id": trace_hex(3), "matching": 2, "looked_at": 2}
    ]


def test_depth_is_looked_at_in_the_newest_runs_alone(landed, land, monkeypatch):
    land(chain(5, 9, start_ns=NOON - DAY))
    assert listed(landed, sort="depth")[0] == 5
    monkeypatch.setattr(run_queries, "MOST_MEASURED", 2)
    page = queries.traces(landed, TraceFilter(**EVERYTHING, sort="depth"))

    assert page["trace_id"].to_pylist() == [trace_hex(3), trace_hex(4)]
    assert set(page["looked_at"].to_pylist()) == {2}


def test_no_more_spans_are_looked_at_than_can_be_afforded(landed, monkeypatch):
    # 1, 4, 9 and 7 spans, the newest first.
    monkeypatch.setattr(run_queries, "MOST_SPANS", 14)

    assert listed(landed, sort="depth") == [3, 2, 4]


def test_how_deep_each_run_is(landed, land):
    land(chain(5, 300))
    asked = CallsOf(trace_ids=tuple(map(trace_hex, (1, 4, 5, 99))), first_ns=0, last_ns=2**63 - 1)

    assert depths(landed, asked).to_pylist() == [
        {"trace_id": trace_hex(1), "depth": 3},
        {"trace_id": trace_hex(4), "depth": 1},
        {"trace_id": trace_hex(5), "depth": 300},
    ]


def spans_of(parents: dict[str, str | None]) -> pa.Table:
    rows = [{"trace_id": "t", "span_id": each, "parent_span_id": above} for each, above in parents.items()]
    return pa.Table.from_pylist(rows)


@pytest.mark.parametrize(
    ("parents", "levels"),
    [
        ({"a": None}, 1),
        ({"b": "a", "a": None, "c": "b"}, 3),
        ({"b": "not there"}, 1),
        ({"a": "a"}, 1),
        # In a circle the least id stands first: a, then b below it; c is beside b.
        ({"a": "b", "b": "a", "c": "a"}, 2),
        ({"c": "b", "b": "a", "a": "b"}, 3),
        ({"d": "c", "a": "c", "b": "a", "c": "b"}, 4),
    ],
)
def test_levels_are_counted_whatever_spans_say_of_their_parents(parents, levels):
    assert deepest(spans_of(parents)) == {"t": levels}
    assert deepest(spans_of(dict(reversed(parents.items())))) == {"t": levels}


def test_the_modes_and_tags_that_were_ever_used_are_named(landed, land):
    for trace, (name, tags) in enumerate(
        [("composite/quick", ["blue", "new"]), ("composite/profile/quick", ["blue"])], start=5
    ):
        told = {"question": "Q", "model_name": name, "simulated": False, "answer": "A"}
        attributes = request_attributes("moa", trace=trace, **told) | {c.TRACE_TAGS: tags}
        land([span("run", trace=trace, attributes=attributes)])

    assert run_queries.mode_names(landed, Nothing())["mode"].to_pylist() == ["council", "moa", "quick"]
    assert run_queries.tag_names(landed, Nothing())["tag"].to_pylist() == ["blue", "new"]
    for narrowed, runs in (({"mode": "quick"}, 2), ({"tag": "new"}, 1), ({"mode": "moa", "tag": "blue"}, 0)):
        [totals] = queries.totals(landed, Window(**EVERYTHING, **narrowed)).to_pylist()
        assert totals["runs"] == runs == len(listed(landed, **narrowed))
        chosen = ChosenRuns(trace_ids=tuple(map(trace_hex, range(1, 7))), **narrowed)
        assert queries.chosen_runs(landed, chosen).num_rows == runs
