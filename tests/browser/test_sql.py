"""SQL in a browser: opened from a link, run by Enter, shown as rows and a chart, and cancelled."""

import json
import re
from urllib.parse import quote

from playwright.sync_api import expect

from tests.browser.conftest import settled
from tests.collector.running import EVERYTHING

HOSTILE = "<img src=x onerror=alert(1)> ![p](http://evil.example/p.png)"
ENDLESS = "select count(*) from range(10_000_000) a, range(10_000_000) b where a.range + b.range = 7"


def editor(page):
    return page.locator(".st-key-sql_text textarea")


def test_the_query_of_a_link_waits_to_be_run_and_is_drawn(visit, dashboard_server):
    parameters = quote(json.dumps({**EVERYTHING, "strategies": ["moa"], "origin": "all"}))
    page = visit(f"{dashboard_server.url}/sql?question=by_strategy&parameters={parameters}")

    expect(editor(page)).to_have_value(re.compile(r"from runs\("))
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    editor(page).press("Control+Enter")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    settled(page)
    page.get_by_role("tab", name="Chart").click()
    expect(page.locator(".js-plotly-plot .bars").first).to_be_visible()

    editor(page).fill(f"select '{HOSTILE}' as text, 1 as n")
    editor(page).press("Control+Enter")
    expect(page.get_by_text("1 row · 2 columns")).to_be_visible()
    expect(page).to_have_url(re.compile("sql=select"))


def test_a_query_that_takes_long_is_cancelled(visit, dashboard_server):
    page = visit(f"{dashboard_server.url}/sql?sql={quote(ENDLESS)}")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("Cancelled after")).to_be_visible()
