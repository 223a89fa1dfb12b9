"""What only a browser can show: drawn charts, clicks, keys, addresses, and text that stays text."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import STARTED_NS, settled
from tests.otlp_traces import DAY, call_attributes, moa_trace, span, span_hex, trace_hex

LONG_AGO = STARTED_NS - 20 * DAY
"""Outside the default window, so that the sums of the other tests stay as they are."""
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> ![p](http://evil.example/p.png) **b** [l](http://evil.example)"


def trace_url(server, trace: int, **more: str) -> str:
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{server.url}/trace?trace={trace_hex(trace)}{extra}"


def test_a_filter_goes_into_the_address_and_comes_back_from_it(visit, dashboard_server):
    page = visit(dashboard_server.url)
    page.get_by_test_id("stSidebar").get_by_role("button", name="council").click()
    page.wait_for_url(re.compile("strategy=council"))
    expect(page.get_by_test_id("stMetric").first).to_contain_text("$0.1500")

    page.reload()
    settled(page)
    expect(page.get_by_test_id("stMetric").first).to_contain_text("$0.1500")


def test_a_row_opens_its_trace_and_back_returns_to_the_filtered_list(visit, dashboard_server, timeline):
    page = visit(f"{dashboard_server.url}/traces?text=proof")
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": 250, "y": 54})

    page.wait_for_url(re.compile(f"/trace\\?.*trace={trace_hex(2)}"))
    expect(timeline.canvas).to_have_attribute("data-painted", "9")
    page.go_back()
    expect(page.get_by_placeholder("Question, model or trace id")).to_have_value("proof")
    page.go_forward()
    expect(timeline.canvas).to_have_attribute("data-painted", "9")


@pytest.mark.parametrize("simulated", [False, True])
def test_every_column_of_the_list_can_be_seen_at_once(visit, dashboard_server, simulated):
    if simulated:
        dashboard_server.send(*moa_trace(99, start_ns=LONG_AGO, simulated=True))
    page = visit(f"{dashboard_server.url}/traces?window=all&origin=all")
    scroller = page.get_by_test_id("stDataFrame").locator(".dvn-scroller")
    expect(scroller).to_be_visible()

    assert scroller.evaluate("area => area.scrollWidth - area.clientWidth") <= 0


def test_prompts_and_answers_are_searched_and_a_row_opens_the_span_that_says_it(
    visit, dashboard_server, timeline
):
    page = visit(f"{dashboard_server.url}/traces?text=answer+9.")
    expect(page.get_by_text("No runs match")).to_be_visible()
    page.get_by_role("button", name="Search all prompts and answers").click()
    expect(page.get_by_text("In prompts and answers: 1 run found.")).to_be_visible()
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": 250, "y": 54})

    page.wait_for_url(re.compile(f"/trace\\?.*trace={trace_hex(2)}.*span="))
    expect(timeline.canvas).to_have_attribute("data-painted", "9")


def test_a_span_clicked_in_the_timeline_shows_its_cost(visit, dashboard_server, timeline):
    page = visit(trace_url(dashboard_server, 1))
    expect(timeline.canvas).to_have_attribute("data-painted", "7")
    timeline.click_name(3)

    page.wait_for_url(re.compile(f"span={span_hex(4)}"))
    expect(page.get_by_role("heading", name="proposer 2")).to_be_visible()
    expect(page.get_by_test_id("stMetric").filter(has_text="Cost").last).to_contain_text("$0.0200")
    timeline.expect_selected(span_hex(4))


def test_back_steps_through_the_spans_that_were_looked_at(visit, dashboard_server, timeline):
    page = visit(trace_url(dashboard_server, 1))
    expect(timeline.canvas).to_have_attribute("data-painted", "7")
    for row, name in ((2, "proposer 1"), (3, "proposer 2")):
        timeline.click_name(row)
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.go_back()

    expect(page.get_by_role("heading", name="proposer 1")).to_be_visible()
    timeline.expect_selected(span_hex(3))


def test_a_link_to_a_span_survives_a_reload(visit, dashboard_server, timeline):
    page = visit(trace_url(dashboard_server, 1, span=span_hex(7)))
    for _ in range(2):
        expect(page.get_by_role("heading", name="aggregator")).to_be_visible()
        timeline.expect_selected(span_hex(7))
        page.reload()
        settled(page)


def test_a_row_of_the_spans_tab_is_the_same_as_a_click_in_the_timeline(visit, dashboard_server):
    page = visit(trace_url(dashboard_server, 1, view="Spans"))
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": 120, "y": 35 * 4 + 17})

    page.wait_for_url(re.compile(f"span={span_hex(4)}"))
    expect(page.get_by_role("heading", name="proposer 2")).to_be_visible()


def test_hostile_text_is_text_everywhere(visit, dashboard_server, timeline):
    attributes = (
        call_attributes(HOSTILE, HOSTILE, HOSTILE, trace=66, prompt=HOSTILE, answer=HOSTILE)
        if "/" in HOSTILE
        else {}
    )
    dashboard_server.send(
        *moa_trace(65, start_ns=LONG_AGO, question=HOSTILE),
        span(HOSTILE, trace=66, start_ns=LONG_AGO, attributes=attributes, error=HOSTILE),
    )
    addresses = (
        trace_url(dashboard_server, 65, span=span_hex(3)),
        trace_url(dashboard_server, 66, span=span_hex(1)),
        f"{dashboard_server.url}/traces?text=onerror&window=all",
        f"{dashboard_server.url}/?window=all",
    )
    for address in addresses:
        page = visit(address)
        expect(page.get_by_test_id("stSidebar")).to_be_visible()
        assert page.title() != "owned"
        assert page.locator('img[src*="evil"], a[href*="evil"], img[src="x"]').count() == 0
    visit(addresses[1])
    expect(page.get_by_text(HOSTILE).first).to_be_visible()


def test_an_unknown_trace_leads_back_to_the_list(visit, dashboard_server):
    page = visit(f"{dashboard_server.url}/trace?trace=nothing")
    expect(page.get_by_role("heading", name="No such trace")).to_be_visible()
    page.get_by_role("link", name="All traces").click()

    expect(page.get_by_role("heading", name="Traces")).to_be_visible()
