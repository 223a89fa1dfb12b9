"""The Recursion page in a browser: an icicle that is gone into and out of, and questions that were asked again."""

import re

import pytest
from playwright.sync_api import expect

from composite_llm import conventions as c
from tests.browser.conftest import settled
from tests.collector.statistics.observed_runs import Made, Staged, run
from tests.otlp_traces import span_hex, trace_hex

TRACE = 0xB6_01
HOSTILE = "<script>document.title='owned'</script> ![p](http://evil.example/p.png)"
ROOT, CHILD = span_hex(2), span_hex(6)


def recursive():
    """A root with its own turn and two equal sub-questions at 3 cents each, and a node at 91 cents that fills nine
    tenths of the width."""
    root = {c.RLM_DEPTH: 0, c.RLM_NODE_ID: HOSTILE, c.RLM_CONTEXT_CHARS: 1000, c.RLM_COVERAGE: 0.5}
    child = {c.RLM_DEPTH: 1, c.RLM_NODE_ID: "0.0", c.RLM_TERMINATION: "iterations"}
    calls = [Made("rlm_root", 0), Made("rlm_leaf", 0), Made("rlm_leaf", 1)]
    return run(
        "rlm",
        [
            Staged("rlm", root | {c.RLM_SEEN: [[0, 500]]}, calls, span_type=c.RLM_NODE),
            Staged("rlm", child, [Made("rlm_node", 0, cents=91)], under=0, span_type=c.RLM_NODE),
        ],
        trace=TRACE,
    )


@pytest.fixture
def icicle(page):
    return page.locator("canvas[data-painted][data-under]")


def test_a_part_is_picked_gone_into_and_left_again(visit, dashboard_server, page, icicle):
    dashboard_server.send(*recursive())
    page.emulate_media(color_scheme="dark")
    visit(f"{dashboard_server.url}/recursion?trace={trace_hex(TRACE)}&window=all")
    expect(icicle).to_have_attribute("data-painted", "6")
    box, row = icicle.bounding_box(), 30
    right = {"x": box["width"] * 0.6, "y": row * 1.5}

    icicle.click(position=right)
    page.wait_for_url(re.compile(f"span={CHILD}"))
    expect(page.get_by_role("heading", name="rlm 0.0")).to_be_visible()
    expect(page.get_by_text("Ended out of turns")).to_be_visible()

    icicle.press("Enter")
    page.wait_for_url(re.compile(f"under={CHILD}"))
    expect(icicle).to_have_attribute("data-painted", "2")
    expect(page.get_by_label("Where in the tree").get_by_role("button", name="rlm 0.0")).to_be_visible()

    page.go_back()
    page.wait_for_url(lambda url: "under=" not in url)
    expect(icicle).to_have_attribute("data-under", ROOT)
    assert page.title() != "owned"
    assert page.locator('img[src*="evil"], a[href*="evil"]').count() == 0


def test_sub_questions_that_were_asked_again_are_found_when_asked_for(visit, dashboard_server, page):
    dashboard_server.send(*recursive())
    visit(f"{dashboard_server.url}/recursion?trace={trace_hex(TRACE)}&window=all")
    page.get_by_role("button", name="Look through this run").click()

    # Two leaves asked the same at 3 cents each: the second would not have been paid for.
    expect(page.get_by_text("2 sub-questions in 1 run: 1 question asked again.")).to_be_visible()
    expect(page.get_by_text("Remembering answers would have saved $0.0300")).to_be_visible()
    settled(page)
