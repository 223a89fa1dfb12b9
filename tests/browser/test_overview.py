"""The overview in a browser: its figures, and that each leads to the runs it is made of."""

import re

import pytest
from playwright.sync_api import expect

from composite_llm import conventions as c
from tests.browser.conftest import STARTED_NS, settled
from tests.otlp_traces import (
    call_attributes,
    cost_attributes,
    request_attributes,
    span,
    trace_hex,
    usage_attributes,
)

WEIGHED = "weighed"
"""A strategy that no other test runs, so that its sums are those of the two runs here."""
CHEAP, DEAR = 6001, 6002


def run(trace: int, cents: int, seconds: int):
    asked = request_attributes(
        WEIGHED,
        trace=trace,
        question=f"What is {trace}?",
        model_name=f"composite/{WEIGHED}/a",
        answer="So.",
        simulated=False,
    )
    called = call_attributes("openai/scales", "direct", WEIGHED, trace=trace)
    spent = usage_attributes(100, 10, cached=25) | cost_attributes(cents)
    whole = {"trace": trace, "start_ns": STARTED_NS, "duration_ms": seconds * 1000}
    return [
        span(WEIGHED, number=1, attributes=asked | {c.USER_ID: f"user {trace}"}, **whole),
        span("chat", number=2, parent=1, attributes=called | spent, **whole),
    ]


@pytest.fixture
def overview(visit, dashboard_server):
    dashboard_server.send(*run(CHEAP, 1, 9), *run(DEAR, 2, 3))
    return visit(f"{dashboard_server.url}/?window=1d&strategy={WEIGHED}")


def figure(page, label):
    return page.get_by_test_id("stMetric").filter(has_text=label)


def chart(page, title):
    return page.get_by_test_id("stPlotlyChart").nth(
        ["Runs by strategy", "Spend by model", "Run latency by strategy", "Tokens by kind"].index(title)
    )


def test_a_bar_leads_to_its_runs_and_a_card_to_the_dearest(overview):
    page = overview
    expect(page.get_by_test_id("stMetric")).to_have_count(6)
    expect(figure(page, "Spend")).to_contain_text("$0.0300")
    expect(figure(page, "Cost per run")).to_contain_text("$0.0150")
    expect(figure(page, "Cache hit")).to_contain_text("25 %")
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(5)

    page.get_by_role("link", name="Dearest runs").first.click()
    page.wait_for_url(re.compile(r"/traces\?.*sort=cost"))
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name=WEIGHED)).to_be_visible()

    page.go_back()
    expect(figure(page, "Spend")).to_contain_text("$0.0300")
    bar = chart(page, "Spend by model").locator(".bars path").first
    expect(bar).to_be_visible()
    settled(page)
    # Plotly takes clicks on a layer above its bars.
    box = bar.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile(r"/traces\?.*model=openai%2Fscales"))
    # The sidebar says the hour of the bar, and the address follows it.
    expect(page).to_have_url(re.compile("window=custom"))
    expect(page.get_by_text("2 runs", exact=False).first).to_be_visible()


def test_one_of_the_slowest_opens_its_trace(overview):
    page = overview
    slowest = page.get_by_test_id("stDataFrame").last
    slowest.scroll_into_view_if_needed()
    expect(slowest.locator("canvas").first).to_be_visible()
    settled(page)
    slowest.click(position={"x": 30, "y": 52})

    page.wait_for_url(re.compile(rf"/trace\?.*trace={trace_hex(CHEAP)}"))
