"""What the timeline is given: every text written, every name chosen, every sum made."""

import pytest

from collector.audit.critical_path import Segment
from dashboard.palette import palette_of
from dashboard.widgets.timeline.payload import payload
from tests.dashboard.span_rows import call, span, spans

COLOURS = palette_of(["openai/gpt-4o", "gemini/flash"])


def drawn(*rows, critical=()):
    return payload(spans(*rows), critical, COLOURS, "revision")


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

    shown = [data["colours"][index] for index in data["colour"]]
    assert shown == ["#64748B", COLOURS.colour_for("openai/gpt-4o"), COLOURS.colour_for("gemini/flash")]


def test_a_container_costs_what_is_underneath_it():
    data = drawn(
        span("r", 0, 0, 9),
        span("s", 1, 0, 9),
        call("a", 2, 0, 9, cost_usd=0.01),
        call("b", 2, 0, 9, cost_usd=0.02),
        call("c", 1, 0, 9, cost_usd=0.01),
    )

    assert data["cost"] == ["$0.0400", "$0.0300", "$0.0100", "$0.0200", "$0.0100"]
    assert data["cost_share"] == [0, 0, 0.25, 0.5, 0.25]


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
    assert data["cancelled"] == [2]


def test_a_hedge_is_no_retry():
    data = drawn(
        span("r", 0, 0, 9),
        call("a", 1, 0, 9, outcome="hedge_lost"),
        call("b", 1, 3, 9, attempt=2, is_hedge=True),
        call("c", 1, 3, 9, attempt=3, is_hedge=True, outcome="hedge_lost"),
    )

    assert data["mark"] == ["", "hedge lost", "hedge", "hedge · hedge lost"]


def test_the_critical_path_points_at_rows():
    data = drawn(
        span("r", 0, 0, 3000),
        call("a", 1, 0, 2000),
        critical=[Segment("a", 0, 2000), Segment("r", 2000, 3000)],
    )

    assert data["critical"] == [[1, 0, 2000], [0, 2000, 3000]]
    assert data["summary"] == "2 spans · 3.0 s"


def test_a_trace_without_spans_draws_nothing():
    assert drawn()["summary"] == "0 spans · 0.0 ms"


def test_ten_thousand_spans_stay_near_a_megabyte():
    import json

    rows = [span("0" * 16, 0, 0, 10_000)]
    rows += [call(f"{number:016x}", 1, number, number + 1, cost_usd=0.001) for number in range(1, 10_000)]

    assert len(json.dumps(drawn(*rows))) < 1_500_000


@pytest.mark.parametrize("outcome", ["cancelled", "hedge_lost", "discarded"])
def test_calls_whose_answer_was_no_longer_wanted_are_drawn_apart(outcome):
    data = drawn(span("r", 0, 0, 9), call("a", 1, 0, 9, outcome=outcome))

    assert data["cancelled"] == [1]
    assert data["mark"][1] == outcome.replace("_", " ")
    assert data["error"][1] == ""
