"""The list of runs as a reader uses it: mark, compare, keep, and come back to the same list."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import STARTED_NS, settled
from tests.otlp_traces import council_trace, moa_trace, trace_hex

FIRST, SECOND = 7501, 7502


def test_marked_runs_are_compared_and_a_click_opens_one_and_back_finds_the_list(visit, dashboard_server):
    dashboard_server.send(
        *moa_trace(FIRST, start_ns=STARTED_NS, question="Which list is marked?"),
        *council_trace(SECOND, start_ns=STARTED_NS - 1),
    )
    address = f"/traces?window=30d&text={trace_hex(FIRST)[:31]}&sort=cost"
    page = visit(f"{dashboard_server.url}{address}")
    expect(page.get_by_text("2 runs, dearest first.")).to_be_visible()
    compare = page.get_by_role("button", name="Compare", exact=True)
    expect(compare).to_be_disabled()
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    for row in (0, 1):
        table.click(position={"x": 15, "y": 54 + 36 * row})
    compare.click()
    page.wait_for_url(re.compile(f"/compare\\?trace={trace_hex(SECOND)}&with={trace_hex(FIRST)}"))
    expect(page.get_by_role("heading", name="By stage and role")).to_be_visible()

    page.go_back()
    page.wait_for_url(re.compile(re.escape(address)))
    expect(page.get_by_text("2 runs, dearest first.")).to_be_visible()
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": 250, "y": 54})
    page.wait_for_url(re.compile(f"/trace\\?trace={trace_hex(SECOND)}"))
    settled(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Overview").click()
    page.wait_for_url(re.compile("/\\?window=30d"))
