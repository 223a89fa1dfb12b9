"""Chrome's format: on one track a slice holds another or does not meet it, which Perfetto asks for."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collector.interop.chrome_trace import chrome_trace


def row(number, parent, start_ms, end_ms, **more):
    return {
        "span_id": f"{number:016x}",
        "parent_span_id": None if parent is None else f"{parent:016x}",
        "span_type": None,
        "start_ms": start_ms,
        "end_ms": end_ms,
    } | more


def slices(rows, names=None):
    names = names or [row["span_id"] for row in rows]
    events = json.loads(chrome_trace("a run", rows, names))["traceEvents"]
    return [event for event in events if event["ph"] == "X"]


def test_calls_side_by_side_have_a_lane_each_and_calls_in_turn_share_one():
    rows = [
        row(1, None, 0.0, 30.0),
        row(2, 1, 0.0, 20.0),
        row(3, 2, 0.0, 10.0),
        row(4, 2, 0.0, 15.0),
        row(5, 2, 5.0, 20.0),
        row(6, 1, 20.0, 30.0),
    ]

    # The longest of those that start together keeps its parent's lane; nobody lies on a brother.
    assert [event["tid"] for event in slices(rows)] == [0, 0, 1, 0, 2, 0]


def test_times_are_in_microseconds_and_a_slice_says_what_it_cost():
    [event] = slices(
        [row(1, None, 1.5, 4.0, span_type="llm_call", cost_usd=0.01, input_tokens=100, model=None)],
        ["proposer"],
    )

    assert (event["name"], event["cat"], event["ts"], event["dur"]) == (
        "proposer",
        "llm_call",
        1500.0,
        2500.0,
    )
    assert event["args"] == {
        "span_id": f"{1:016x}",
        "span_type": "llm_call",
        "cost_usd": 0.01,
        "input_tokens": 100,
    }


def test_a_trace_and_its_lanes_are_named():
    said = json.loads(chrome_trace("why? \ud800", [row(1, None, 0.0, 1.0)], ["a"]))
    named = {event["name"]: event["args"]["name"] for event in said["traceEvents"] if event["ph"] == "M"}

    assert named == {"process_name": "why? ?", "thread_name": "lane 1"}
    assert said["displayTimeUnit"] == "ms"


def test_a_trace_without_spans_is_a_file_all_the_same():
    assert json.loads(chrome_trace("none", [], []))["traceEvents"][0]["ph"] == "M"


times = st.integers(0, 40)


@given(st.lists(st.tuples(times, times, st.integers(0, 10)), max_size=25))
def test_slices_of_one_lane_never_overlap_in_part(drawn):
    """Whatever starts, ends and parents: clocks differ, and children outlive their parents."""
    rows = [
        row(number, parent if parent < number else None, float(min(a, b)), float(max(a, b)))
        for number, (a, b, parent) in enumerate(drawn, start=1)
    ]
    by_lane = {}
    for event in slices(rows):
        by_lane.setdefault(event["tid"], []).append((event["ts"], event["ts"] + event["dur"]))
    for lane in by_lane.values():
        for (start, end), (later, until) in pairwise(sorted(lane, key=lambda each: (each[0], -each[1]))):
            assert later >= end or until <= end, (start, end, later, until)
