"""What the timeline is given: every text written, every name chosen, every sum made."""

import json
from array import array
from datetime import UTC, datetime

import pytest

from collector.audit.critical_path import Segment
from dashboard.palette import COLOURS as TWELVE
from dashboard.palette import palette_of
from dashboard.widgets.timeline import payload as made
from dashboard.widgets.timeline.payload import payload
from tests.dashboard.span_rows import call, span, spans

COLOURS = palette_of(["openai/gpt-4o", "gemini/flash"])
KINDS = {"Float64Array": "d", "Int32Array": "i", "Uint8Array": "B"}


def unpacked(packed: bytes) -> dict:
    """The header and its columns as the browser reads them, texts in place of their numbers."""
    length = int.from_bytes(packed[:8], "little")
    header = json.loads(packed[8 : 8 + length])
    columns = {}
    for name, kind, offset, size in header.pop("columns"):
        assert (8 + length + offset) % 8 == 0
        part = packed[8 + length + offset :][:size]
        columns[name] = part.decode().split("\n") if kind == "lines" else list(array(KINDS[kind], part))
    for name, distinct in header.pop("texts").items():
        columns[name] = [distinct[place] for place in columns[name]]
    return header | columns


def drawn(*rows, critical=(), **more):
    return unpacked(payload(spans(*rows), critical, COLOURS, "revision", **more).packed)


def rows_with(data: dict, flag: int) -> list[int]:
    return [row for row, flags in enumerate(data["flags"]) if flags & flag]


def coloured(data: dict, by: str) -> list[tuple[str, str]]:
    return [tuple(data["legend"][by][place][:2]) for place in data[f"by_{by}"]]


def test_spans_are_called_what_they_do():
    data = drawn(
        span("r", 0, 0, 9, name="invoke_workflow moa", span_type="request", strategy="moa"),
        span("s", 1, 0, 9, name="stage moa.propose", span_type="stage", stage_kind="propose"),
        call("a", 2, 0, 9, call_index=0),
        call("b", 2, 0, 9, call_index=1),
        call("c", 1, 0, 9, role="aggregator"),
        span("t", 1, 0, 9, name="execute_tool grep"),
    )

    assert data["name"] == ["moa", "propose", "proposer 1", "proposer 2", "aggregator", "execute_tool grep"]


def test_a_call_has_its_models_colour_and_a_container_a_quiet_one():
    data = drawn(
        span("r", 0, 0, 9, span_type="request"), call("a", 1, 0, 9), call("b", 1, 0, 9, model="gemini/flash")
    )

    assert coloured(data, "model") == [
        ("request", "#64748B"),
        ("gpt-4o", COLOURS.colour_for("openai/gpt-4o")),
        ("flash", COLOURS.colour_for("gemini/flash")),
    ]


def test_a_role_has_a_colour_and_a_cost_a_step():
    data = drawn(
        span("s", 0, 0, 9, span_type="stage"),
        call("a", 1, 0, 9, cost_usd=0.1),
        call("b", 1, 0, 9, cost_usd=0.03, role="judge"),
        call("c", 1, 0, 9),
    )

    assert [what for what, _ in coloured(data, "role")] == ["stage", "proposer", "judge", "proposer"]
    assert [what for what, _ in coloured(data, "cost")] == [
        "stage",
        "up to $0.1000",
        "up to $0.0300",
        "cost unknown",
    ]
    assert {colour for _, colour in coloured(data, "role")[1:]} <= set(TWELVE)
    assert [entry[2] for entry in data["legend"]["role"]] == [2, 1, 1]


def test_a_container_costs_what_is_underneath_it():
    data = drawn(
        span("r", 0, 0, 9),
        span("s", 1, 0, 9),
        call("a", 2, 0, 9, cost_usd=0.01),
        call("b", 2, 0, 9, cost_usd=0.02),
        call("c", 1, 0, 9, cost_usd=0.01),
    )

    assert data["cost"] == ["$0.0400", "$0.0300", "$0.0100", "$0.0200", "$0.0100"]
    assert data["costShare"] == [made.NOT_KNOWN, 75, 33, 67, 25]


def test_a_span_has_a_share_in_the_time_of_what_is_above_it():
    data = drawn(span("r", 0, 0, 10), span("s", 1, 0, 8), call("a", 2, 0, 4), span("t", 1, 8, 20))

    assert data["timeShare"] == [made.NOT_KNOWN, 80, made.NOT_KNOWN, 100]


def test_a_sum_over_an_unpriced_call_is_a_lower_bound():
    data = drawn(span("r", 0, 0, 9), call("a", 1, 0, 9, cost_usd=0.01), call("b", 1, 0, 9))

    assert data["cost"] == ["≥ $0.0100", "$0.0100", "unknown"]


def test_a_call_that_was_never_billed_has_no_cost_at_all():
    refused = call("a", 1, 0, 9, status="error", outcome="error", billing="unbilled")

    assert drawn(span("r", 0, 0, 9), refused)["cost"] == ["", ""]


def test_what_is_unusual_is_said_in_a_word():
    data = drawn(
        span("r", 0, 0, 9, status="error", error_type="litellm.APIError"),
        call("a", 1, 0, 9, attempt=2),
        call("b", 1, 0, 9, outcome="cancelled"),
        call("c", 1, 0, 9, status="error", outcome="timeout", status_message="too\nlate"),
        span("o", 0, 0, 9, is_orphan=True),
    )

    assert data["mark"] == ["failed", "retry 1", "cancelled", "timeout", "parent missing"]
    assert data["error"] == ["litellm.APIError", "", "", "too late", ""]
    assert rows_with(data, made.ERROR) == [0, 3]
    assert rows_with(data, made.RETRY) == [1]
    assert rows_with(data, made.UNWANTED_ANSWER) == [2]


def test_a_hedge_is_no_retry():
    data = drawn(
        span("r", 0, 0, 9),
        call("a", 1, 0, 9, outcome="hedge_lost"),
        call("b", 1, 3, 9, attempt=2, is_hedge=True),
        call("c", 1, 3, 9, attempt=3, is_hedge=True, outcome="hedge_lost"),
    )

    assert data["mark"] == ["", "hedge lost", "hedge", "hedge · hedge lost"]
    assert rows_with(data, made.HEDGE) == [2, 3]
    assert rows_with(data, made.RETRY) == []


def test_the_critical_path_points_at_rows():
    data = drawn(
        span("r", 0, 0, 3000),
        call("a", 1, 0, 2000),
        critical=[Segment("a", 0, 2000), Segment("r", 2000, 3000)],
    )

    assert (data["criticalRow"], data["criticalFrom"], data["criticalTo"]) == (
        [1, 0],
        [0, 2000],
        [2000, 3000],
    )
    assert data["summary"] == "2 spans · 3.0 s"


def test_a_trace_without_spans_draws_nothing():
    assert drawn()["summary"] == "0 spans · 0.0 ms"


def test_a_stage_and_its_straggler_are_marked_where_it_waits_and_a_try_where_it_pauses():
    data = drawn(
        span("s", 0, 0, 100, span_type="stage"),
        call("a", 1, 0, 20, call_index=0),
        call("b", 1, 0, 10, call_index=1, status="error", outcome="error"),
        call("c", 1, 15, 90, call_index=1, attempt=2),
    )

    found = list(zip(data["waitRow"], data["waitFrom"], data["waitTo"], strict=True))
    assert found == [(3, 10, 15), (3, 20, 90), (0, 20, 90)]
    assert data["note"] == ["70 ms waiting for proposer 2 alone", "", "", "5.0 ms of pause before this try"]
    assert rows_with(data, made.BAND) == [0]


def test_of_a_run_under_way_the_open_spans_stand_above_what_has_ended():
    """The root and the second stage have not come; what is below them names them."""
    started = datetime(2026, 11, 22, tzinfo=UTC)
    data = drawn(
        span("s", 0, 0, 40, parent_span_id="r", span_type="stage", stage_kind="propose", is_orphan=True),
        call("a", 1, 0, 40),
        call("b", 0, 50, 70, parent_span_id="t", is_orphan=True, cost_usd=0.01, call_index=0),
        call("c", 0, 50, 60, parent_span_id="t", is_orphan=True, cost_usd=0.01, call_index=1),
        started=started,
    )

    assert data["id"] == ["r", "s", "a", "t", "b", "c"]
    assert data["depth"] == [0, 1, 2, 1, 2, 2]
    assert rows_with(data, made.OPEN) == [0, 3]
    assert (data["start"], data["end"]) == ([0, 0, 0, 50, 50, 50], [70, 40, 40, 70, 70, 60])
    assert data["cost"] == ["≥ $0.0200", "unknown", "unknown", "$0.0200", "$0.0100", "$0.0100"]
    assert set(data["mark"]) == {""}
    assert data["duration"] == ["–", "40 ms", "40 ms", "–", "20 ms", "10 ms"]
    assert set(data["timeShare"]) == {made.NOT_KNOWN}  # of what is still open
    assert data["waitRow"] == []
    assert data["startedAt"] == started.timestamp() * 1000


def test_a_run_that_has_ended_does_not_grow():
    rows = (span("r", 0, 0, 9), span("o", 0, 0, 9, parent_span_id="x", is_orphan=True))
    data = drawn(*rows, started=datetime(2026, 11, 22, tzinfo=UTC))

    assert data["startedAt"] is None
    assert rows_with(data, made.OPEN) == []


def test_of_too_many_spans_the_first_are_drawn_and_that_is_said(monkeypatch):
    monkeypatch.setattr(made, "MOST_SPANS", 2)
    rows = [span("r", 0, 0, 9), span("a", 1, 0, 9), span("b", 1, 0, 9)]
    data = drawn(*rows, critical=[Segment("b", 0, 9)])

    assert data["id"] == ["r", "a"]
    assert data["criticalRow"] == []
    assert data["leftOut"].startswith("The first 2 of 3 spans")
    assert data["summary"] == "3 spans · 9.0 ms"


def test_ten_thousand_spans_stay_near_a_megabyte():
    rows = [span("0" * 16, 0, 0, 10_000)]
    rows += [call(f"{number:016x}", 1, number, number + 1, cost_usd=0.001) for number in range(1, 10_000)]

    assert len(payload(spans(*rows), (), COLOURS, "revision").packed) < 1_500_000


@pytest.mark.parametrize("outcome", ["cancelled", "hedge_lost", "discarded"])
def test_calls_whose_answer_was_no_longer_wanted_are_drawn_apart(outcome):
    data = drawn(span("r", 0, 0, 9), call("a", 1, 0, 9, outcome=outcome))

    assert rows_with(data, made.UNWANTED_ANSWER) == [1]
    assert data["mark"][1] == outcome.replace("_", " ")
    assert data["error"][1] == ""
