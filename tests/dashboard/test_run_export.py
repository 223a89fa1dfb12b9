"""Runs as a file: which of them, in which order, and what a reader finds in it."""

import csv
import io
import json
import threading

import pytest
from pyarrow import parquet

from collector.client import CollectorClient
from dashboard import run_export
from dashboard.run_export import RunExport
from dashboard.state import Filters, Search
from tests.collector.running import wait_until
from tests.dashboard.conftest import STARTED_NS
from tests.otlp_traces import DAY, MINUTE, moa_trace, trace_hex

EVERYTHING = Filters(0, STARTED_NS + DAY)
ALL = Search()


def made(url: str, kind: str, asked: Search = ALL, only=(), filters: Filters = EVERYTHING) -> RunExport:
    with CollectorClient(url) as client:
        export = RunExport(client, kind, filters, asked, only)
        wait_until(lambda: export.state != "running")
    assert export.problem is None
    return export


def test_rows_are_those_of_the_list_in_its_order(seeded):
    export = made(seeded, "CSV", Search(sort="cost"))
    rows = list(csv.DictReader(io.StringIO(export.content.decode("utf-8-sig"))))

    assert [row["trace_id"] for row in rows] == [trace_hex(number) for number in (2, 1, 4, 3)]
    council, moa, foreign, failed = rows
    assert float(council["cost_usd"]) == pytest.approx(0.15, abs=1e-12)
    assert (council["calls"], council["models"]) == ("5", "anthropic/claude-opus; openai/gpt-4o")
    # Not known is empty, and never 0; failed before anything was used is 0.
    assert (foreign["cost_usd"], foreign["unpriced_calls"]) == ("", "1")
    assert (failed["cost_usd"], failed["status"]) == ("0.0", "error")
    assert moa["question"] == "Why is the sky blue?"
    assert (export.state, export.done, export.file_name) == ("complete", 4, "runs.csv")


def test_marked_runs_alone_come_where_some_are_marked(seeded):
    export = made(seeded, "Parquet", only=[trace_hex(1), trace_hex(3)])
    table = parquet.read_table(io.BytesIO(export.content))

    assert table["trace_id"].to_pylist() == [trace_hex(3), trace_hex(1)]
    assert table["models"].to_pylist()[1] == ["anthropic/claude-opus", "gemini/flash", "openai/gpt-4o"]
    assert str(table.schema.field("started").type).startswith("timestamp[ns")


def test_long_lists_are_fetched_page_by_page_up_to_the_limit(seeded, monkeypatch):
    monkeypatch.setattr(run_export, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(run_export, "MOST_ROWS", 3)
    export = made(seeded, "CSV")

    assert export.content.count(b"\r\n") == 1 + 3
    assert (export.done, export.wanted) == (3, 3)


def test_spans_come_as_otlp_with_what_was_said(seeded):
    export = made(seeded, "OTLP", Search(text="proof"))
    spans = [
        span
        for resource in json.loads(export.content)["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]

    assert {span["traceId"] for span in spans} == {trace_hex(2)}
    assert len(spans) == 9
    assert "Answer 9." in export.content.decode()
    assert export.file_name == "runs.otlp.json"


def test_a_file_of_spans_ends_at_its_limit_and_says_so(seeded, monkeypatch):
    monkeypatch.setattr(run_export, "MOST_BYTES", 1)
    export = made(seeded, "OTLP")

    assert (export.state, export.done, export.wanted) == ("cut", 1, 4)
    assert len(json.loads(export.content)["resourceSpans"]) == 1


def test_nothing_that_matches_is_an_empty_file(seeded):
    assert made(seeded, "OTLP", Search(text="no such words")).content == b'{"resourceSpans":[]}'
    assert made(seeded, "CSV", Search(text="no such words")).content.count(b"\r\n") == 1


def test_a_question_that_begins_like_a_formula_is_text_to_a_spreadsheet(start_collector):
    hostile = '=HYPERLINK("http://evil.example")'
    url = start_collector(*moa_trace(1, start_ns=STARTED_NS, question=hostile))
    [row] = csv.DictReader(io.StringIO(made(url, "CSV").content.decode("utf-8-sig")))
    [kept] = parquet.read_table(io.BytesIO(made(url, "Parquet").content))["question"].to_pylist()

    assert row["question"] == f"'{hostile}"
    assert kept == hostile


def test_the_filters_of_the_page_hold_for_the_file(seeded):
    narrow = Filters(STARTED_NS + MINUTE, STARTED_NS + 3 * MINUTE, mode="council")

    assert made(seeded, "CSV", filters=narrow).done == 1


def test_what_the_collector_cannot_do_is_told(seeded):
    with CollectorClient("http://127.0.0.1:9") as client:
        export = RunExport(client, "CSV", EVERYTHING, ALL)
        wait_until(lambda: export.state == "failed")

    assert "127.0.0.1:9" in str(export.problem)


def test_a_stopped_file_is_none(seeded):
    class Waiting(CollectorClient):
        go = threading.Event()

        def ask(self, name, **parameters):
            assert self.go.wait(60)
            return super().ask(name, **parameters)

    with Waiting(seeded) as client:
        export = RunExport(client, "CSV", EVERYTHING, ALL)
        export.stop()
        client.go.set()
        wait_until(lambda: export.state != "running")

    assert export.state == "stopped"
