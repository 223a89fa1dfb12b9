"""The canvas of a trace: what is drawn cannot be seen from here, but it says of itself where it stands."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import settled
from tests.otlp_traces import SECOND, moa_trace, span_hex, trace_hex

RUNNING = 8101


@pytest.fixture
def moa(visit, dashboard_server, timeline):
    """The first of the example traces, drawn."""
    page = visit(f"{dashboard_server.url}/trace?trace={trace_hex(1)}")
    expect(timeline.canvas).to_have_attribute("data-painted", "7")
    return page


def test_keys_select_fold_zoom_and_search(moa, timeline):
    moa.evaluate("document.addEventListener('keydown', event => { window.heard = event.key })")
    timeline.canvas.focus()
    for key in ("c", "r", "ArrowDown", "ArrowDown"):
        moa.keyboard.press(key)
    timeline.expect_selected(span_hex(2))
    expect(moa.get_by_role("heading", name="propose", exact=True)).to_be_visible()
    for key, rows in (
        ("ArrowLeft", 4),
        ("ArrowRight", 7),
        ("[", 3),
        ("]", 7),
        ("o", 3),
        ("o", 1),
        ("p", 3),
        ("p", 7),
    ):
        moa.keyboard.press(key)
        timeline.expect_visible(rows)
    moa.keyboard.press("f")
    expect(timeline.canvas).not_to_have_attribute("data-to", "3000")
    moa.keyboard.press("Escape")
    expect(timeline.canvas).to_have_attribute("data-to", "3000")
    assert moa.evaluate("window.heard") is None  # Streamlit has hot keys of its own

    moa.keyboard.press("/")
    moa.keyboard.type("gpt-4o")
    expect(moa.get_by_text("2 matches")).to_be_visible()
    for key, number in (("Enter", 3), ("Enter", 7), ("Shift+Enter", 3)):
        moa.keyboard.press(key)
        timeline.expect_selected(span_hex(number))
    expect(moa.get_by_text("1 of 2 matches")).to_be_visible()
    moa.keyboard.press("Escape")
    moa.keyboard.press("?")
    expect(moa.get_by_role("heading", name="Signs")).to_be_visible()
    moa.keyboard.press("Escape")
    expect(moa.get_by_role("heading", name="Signs")).to_be_hidden()


def test_drags_zoom_and_a_click_brings_in_what_is_out_of_sight(moa, timeline):
    rows = float(timeline.said("header")) + 7 * float(timeline.said("row"))
    assert rows <= timeline.canvas.bounding_box()["height"] < rows + 12
    timeline.drag(0.1, 0.3, y=timeline.middle_of(0))
    expect(timeline.canvas).not_to_have_attribute("data-to", "3000")
    assert 0 < float(timeline.said("from")) < float(timeline.said("to")) < 2000
    timeline.click_name(6)  # the aggregator, which begins at 2000 ms
    timeline.expect_selected(span_hex(7))
    expect(timeline.canvas).to_have_attribute("data-to", re.compile("^(2|3)[0-9]{3}"))
    assert float(timeline.said("from")) > 1000

    timeline.canvas.dblclick(position={"x": float(timeline.said("bars")) + 200, "y": 20})
    expect(timeline.canvas).to_have_attribute("data-from", "0")
    timeline.drag(0.5, 0.8, y=20)
    expect(timeline.canvas).not_to_have_attribute("data-from", "0")


def test_a_span_picked_again_after_the_address_moved_on_is_picked(moa, timeline):
    expect(timeline.canvas).to_have_attribute("aria-label", re.compile("7 spans · 3.0 s"))
    timeline.click_name(2)
    expect(moa.get_by_role("heading", name="proposer 1")).to_be_visible()
    expect(moa.locator('[aria-live="polite"]').filter(has_text="proposer 1")).to_contain_text("$0.0100")
    moa.get_by_role("button", name="Next", exact=True).click()
    expect(moa.get_by_role("heading", name="proposer 2")).to_be_visible()
    timeline.expect_selected(span_hex(4))
    timeline.click_name(2)

    expect(moa.get_by_role("heading", name="proposer 1")).to_be_visible()


def test_what_colours_mean_and_how_much_is_folded_is_chosen_above(moa, timeline):
    moa.get_by_role("combobox", name="Colour").select_option("cost")
    moa.wait_for_url(re.compile("colour=cost"))
    expect(moa.get_by_text("up to $0.0400")).to_be_visible()
    moa.reload()
    settled(moa)
    expect(timeline.canvas).to_have_attribute("data-colour", "cost")
    moa.get_by_role("button", name="Collapse").click()
    timeline.expect_visible(3)
    moa.get_by_role("button", name="One level more").click()
    timeline.expect_visible(7)


def test_a_run_under_way_grows_until_its_end_has_come(visit, dashboard_server, timeline):
    """Of the second stage only the call is there, and of the request nothing."""
    spans = moa_trace(RUNNING, start_ns=time.time_ns() - 4 * SECOND, simulated=True)
    *there, stage, request = spans
    dashboard_server.send(*there)
    visit(f"{dashboard_server.url}/trace?trace={trace_hex(RUNNING)}")
    expect(timeline.canvas).to_have_attribute("data-open", "2")
    expect(timeline.canvas).to_have_attribute("data-painted", "7")
    expect(timeline.canvas).not_to_have_attribute("data-total", timeline.said("total"))
    assert float(timeline.said("total")) > 3000

    dashboard_server.send(stage, request)
    expect(timeline.canvas).to_have_attribute("data-open", "0")
    expect(timeline.canvas).to_have_attribute("data-total", "3000")
