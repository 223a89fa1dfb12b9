"""From the verdict to a price that stands in the file, and what a prune would take, as a reader does it."""

import re
import time

from playwright.sync_api import expect

from composite_llm import conventions as c
from composite_llm.accounting import own_prices
from tests.otlp_traces import MINUTE, span, usage_attributes

MODEL = "acme/never-priced"


def test_a_model_without_a_price_is_found_and_priced(dashboard_server, visit):
    start_ns = time.time_ns() - MINUTE
    request = {c.SPAN_TYPE: c.REQUEST, c.STRATEGY: "moa"}
    call = {c.SPAN_TYPE: c.LLM_CALL, c.LITELLM_MODEL: MODEL, c.CALL_OUTCOME: "ok", c.COST_SOURCE: "unknown"}
    dashboard_server.send(
        span("request", trace=7001, number=1, start_ns=start_ns, duration_ms=900, attributes=request),
        span(
            "chat",
            trace=7001,
            number=2,
            parent=1,
            start_ns=start_ns,
            duration_ms=800,
            attributes=call | usage_attributes(1_000_000, 100_000),
        ),
    )
    page = visit(f"{dashboard_server.url}/diagnostics?window=all&origin=all")

    expect(page.get_by_text("Spend is a lower bound").first).to_be_visible()
    expect(page.get_by_text("Calls without a known cost")).to_be_visible()
    page.get_by_role("combobox", name="Model").last.click()
    page.get_by_role("option", name=MODEL).click()
    page.get_by_label("Input", exact=True).fill("2.5")
    page.get_by_label("Output", exact=True).fill("10")
    page.get_by_role("button", name="Save the price").click()

    # A million tokens in and a tenth of it out.
    expect(page.get_by_text("would have cost about $3.50")).to_be_visible()
    expect(page.get_by_text("Spend is a lower bound").first).to_be_visible()
    [price] = own_prices.read(dashboard_server.data / own_prices.FILE_NAME).prices
    assert (price.model, price.input, price.output) == (MODEL, 2.5, 10)

    page.get_by_role("tab", name="Store").click()
    expect(page.get_by_role("heading", name="Retention")).to_be_visible()
    page.get_by_label("Keep").fill("52w")
    page.get_by_role("button", name="Show what would go").click()
    expect(page.get_by_text(re.compile(r"would go\.$"))).to_be_visible()
    page.get_by_role("tab", name="Runs").click()
    expect(page.get_by_role("heading", name="What runs wait for")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="What runs wait for")).to_be_visible()
