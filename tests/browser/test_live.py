"""Runs appear in the list while somebody looks."""

from playwright.sync_api import expect

from tests.browser.conftest import STARTED_NS
from tests.otlp_traces import QUESTION, moa_trace

OURS = "Why is the sea salty?"


def test_a_live_list_shows_a_run_as_it_arrives(visit, dashboard_server):
    dashboard_server.send(*asking(OURS, moa_trace(71, start_ns=STARTED_NS)))
    page = visit(f"{dashboard_server.url}/traces?text=salty")
    expect(page.get_by_text("1 run, newest first.")).to_be_visible()
    page.get_by_text("Live").click()
    dashboard_server.send(*asking(OURS, moa_trace(72, start_ns=STARTED_NS)))

    expect(page.get_by_text("2 runs, newest first.")).to_be_visible()


def asking(question, spans):
    for span in spans:
        for attribute in span.attributes:
            text = attribute.value.string_value
            if QUESTION in text:
                attribute.value.string_value = text.replace(QUESTION, question)
    return spans
