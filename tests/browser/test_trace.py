"""The page of one run: from its timeline to what was said, and to files that other programs read."""

import json
import re

from playwright.sync_api import expect

from tests.otlp_traces import moa_trace, span_hex, trace_hex

RUN = 7301
"""An id that no other file sends."""


def test_a_run_is_read_as_a_conversation_inspected_and_given_out(visit, dashboard_server, timeline):
    hostile = "Why? <img src=x onerror=\"document.title='owned'\"> ![p](http://evil.example/p.png) \x00"
    dashboard_server.send(*moa_trace(RUN, question=hostile))
    page = visit(f"{dashboard_server.url}/trace?trace={trace_hex(RUN)}&view=Conversation")

    for answer in ("Answer 3.", "Answer 4.", "Answer 5."):
        expect(page.get_by_text(answer, exact=True)).to_be_visible()
    tops = {
        round(page.get_by_text(answer, exact=True).bounding_box()["y"])
        for answer in ("Answer 3.", "Answer 4.")
    }
    assert len(tops) == 1, "proposals stand side by side"
    assert page.title() != "owned"

    page.get_by_role("button", name="Inspect").nth(1).click()
    page.wait_for_url(re.compile(f"span={span_hex(4)}"))
    expect(page.get_by_role("heading", name="proposer 2")).to_be_visible()
    timeline.expect_selected(span_hex(4))
    expect(page.get_by_role("tab", name="Timeline")).to_have_attribute("aria-selected", "true")

    page.get_by_test_id("stPopoverButton").filter(has_text="Download").click()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Chrome trace").click()
    events = json.loads(downloading.value.path().read_text())["traceEvents"]
    slices = [event for event in events if event["ph"] == "X"]
    assert [event["name"] for event in slices][:3] == ["moa", "propose", "proposer 1"]
    assert sum(event["args"].get("cost_usd", 0) for event in slices) == 0.1


def test_in_a_wide_window_the_inspector_stands_beside_the_timeline(visit, page, dashboard_server, timeline):
    page.set_viewport_size({"width": 1600, "height": 1000})
    dashboard_server.send(*moa_trace(RUN + 1))
    visit(f"{dashboard_server.url}/trace?trace={trace_hex(RUN + 1)}&span={span_hex(7)}")
    heading = page.get_by_role("heading", name="aggregator")
    expect(heading).to_be_visible()
    expect(timeline.canvas).to_be_visible()

    canvas, beside = timeline.canvas.bounding_box(), heading.bounding_box()
    assert beside["x"] >= canvas["x"] + canvas["width"]
    page.set_viewport_size({"width": 1280, "height": 1000})
    expect(heading).to_be_visible()
    canvas, below = timeline.canvas.bounding_box(), heading.bounding_box()
    assert below["y"] >= canvas["y"] + canvas["height"]
