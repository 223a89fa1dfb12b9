"""A store that fills, a collector that goes: what a reader sees while things happen."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import STARTED_NS, settled
from tests.collector.running import CollectorProcess, free_port
from tests.otlp_traces import QUESTION, moa_trace, trace_hex


def test_an_empty_store_is_filled_with_samples_that_are_marked_simulated(
    visit, page, serve_dashboard, tmp_path
):
    """The dashboard alone: it starts the collector, and records once what a newcomer sees first."""
    server = serve_dashboard(f"http://127.0.0.1:{free_port()}", tmp_path, COMPOSITE_LLM_SAMPLES="1")
    page.goto(server.url)
    expect(page.get_by_text("Recording sample runs")).to_be_visible()

    expect(page.get_by_test_id("stMetric")).to_have_count(6)
    expect(
        page.get_by_text(re.compile(r"(\d+) of \1 runs are simulated: nothing was billed\."))
    ).to_be_visible()


def test_a_collector_that_went_is_told_and_started_again(visit, serve_dashboard, timeline, tmp_path):
    with CollectorProcess(tmp_path) as collector:
        server = serve_dashboard(collector.url, tmp_path)
        server.send(*moa_trace(1, start_ns=STARTED_NS))
        page = visit(f"{server.url}/trace?trace={trace_hex(1)}")
        expect(timeline.canvas).to_have_attribute("data-painted", "7")
        collector.kill()
    timeline.click_name(3)
    expect(page.get_by_text("The trace store cannot be read")).to_be_visible()
    expect(page.get_by_text("No collector answers at")).to_be_visible()

    page.get_by_role("button", name="Try again").click()
    settled(page)
    expect(page.get_by_text(QUESTION).first).to_be_visible()
    expect(page.get_by_role("heading", name="proposer 2")).to_be_visible()
