"""The whole loop: one request on the command line, and its timeline in the browser, to the cent."""

import json
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from collector.client import CollectorClient
from composite_llm.simulator import Simulator
from tests.collector.running import wait_until

QUESTION = "Which colour is the sky of Mars?"
# gpt-4o costs $2.50 and $10 a million tokens, gpt-4o-mini $0.15 and $0.60.
RECORDED = {
    "instruction": QUESTION,
    "outputs": {
        "gpt-4o": {"content": "Butterscotch.", "usage": {"prompt_tokens": 1000, "completion_tokens": 100}},
        "gpt-4o-mini": {"content": "Pink.", "usage": {"prompt_tokens": 2000, "completion_tokens": 500}},
    },
}
PROPOSAL = 2000 * 0.15e-6 + 500 * 0.60e-6  # $0.0006
AGGREGATION = 1000 * 2.5e-6 + 100 * 10e-6  # $0.0035


@pytest.fixture
def models(tmp_path):
    file = tmp_path / "answers.jsonl"
    file.write_text(json.dumps(RECORDED))
    with Simulator(speed=0, replay=file) as simulator:
        yield simulator


def test_a_request_is_asked_recorded_and_found_with_its_cost(models, dashboard_server, visit, timeline):
    receipt = ask(dashboard_server, models)
    assert receipt["known_cost_usd"] == pytest.approx(2 * PROPOSAL + AGGREGATION, abs=1e-12)
    with CollectorClient(dashboard_server.collector_url) as client:
        # A request, two stages, three calls.
        wait_until(lambda: client.ask("trace_spans", trace_id=receipt["trace_id"]).num_rows == 6)

    page = visit(f"{dashboard_server.url}/traces?origin=all&text=Mars")
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": 160, "y": 54})

    page.wait_for_url(re.compile(f"trace={receipt['trace_id']}"))
    expect(timeline.canvas).to_have_attribute("data-painted", "6")
    expect(page.get_by_text("simulated").first).to_be_visible()
    expect(page.get_by_test_id("stMetric").filter(has_text="Cost").first).to_contain_text("$0.0047")
    timeline.click_name(5)
    expect(page.get_by_role("heading", name="aggregator")).to_be_visible()
    expect(page.get_by_test_id("stMetric").filter(has_text="Cost").last).to_contain_text("$0.0035")
    page.get_by_role("tab", name="Output").click()
    expect(page.get_by_text("Butterscotch.", exact=True)).to_be_visible()


def ask(dashboard, models):
    command = [
        "ask",
        QUESTION,
        "--json",
        "--model",
        "sim/openai/gpt-4o",
        "--member",
        "sim/openai/gpt-4o-mini × 2",
    ]
    ours = {
        "COMPOSITE_LLM_COLLECTOR": dashboard.collector_url,
        "COMPOSITE_LLM_DATA": str(dashboard.data),
        "COMPOSITE_LLM_SIMULATOR": models.url,
    }
    asked = subprocess.run(
        [sys.executable, "-m", "cli.main", *command],
        env={**os.environ, **ours},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(asked.stdout)["receipt"]
