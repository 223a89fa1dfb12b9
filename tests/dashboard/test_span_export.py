"""Spans as CSV: every number as it is stored, and no cell that a spreadsheet would compute."""

import csv
import io

from dashboard.span_export import spans_csv
from tests.dashboard.span_rows import call, span
from tests.dashboard.test_conversation import run_of


def rows_of(run, rows=None):
    return list(csv.DictReader(io.StringIO(spans_csv(run, rows).decode())))


RUN = run_of(
    span("r", 0, 0, 30, span_type="request", strategy="moa"),
    call("a", 1, 0, 10, cost_usd=0.1, role="proposer"),
    call(
        "b",
        1,
        10,
        30,
        role="=HYPERLINK(1)",
        status="error",
        error_type="+1",
        status_message='a "quoted",\nline',
    ),
)


def test_each_span_is_a_line_with_its_own_cost_and_that_of_all_under_it():
    whole, first, second = rows_of(RUN)

    assert (whole["shown_as"], whole["cost_usd"], whole["total_cost_usd"]) == ("moa", "", "0.1")
    assert (first["span_id"], first["cost_usd"], first["total_cost_usd"]) == ("a", "0.1", "0.1")
    assert (second["cost_usd"], second["total_cost_usd"]) == ("", ""), "unknown is not 0"


def test_a_text_that_a_spreadsheet_would_compute_is_a_text():
    *_, second = rows_of(RUN)

    assert second["role"] == "'=HYPERLINK(1)"
    assert second["error_type"] == "'+1"
    assert second["status_message"] == 'a "quoted",\nline'


def test_only_the_rows_asked_for_in_their_order():
    assert [row["span_id"] for row in rows_of(RUN, [2, 0])] == ["b", "r"]
