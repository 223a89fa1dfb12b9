"""The Modes page in a browser: read by the real command, opened by a click, drawn in both themes, text that stays text."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import STARTED_NS, serving, settled
from tests.collector.running import CollectorProcess
from tests.collector.statistics.observed_runs import Made, Staged, run
from tests.otlp_traces import all_traces

HOSTILE = "<script>document.title='owned'</script> ![p](http://evil.example/p.png) **b**"
LONG = "n" * 300
MINE = f"""\
profiles:
  hostile:
    description: {json.dumps(HOSTILE)}
    model: openai/gpt-4o
    steps:
      views: {{fanout: [{{model: openai/gpt-4o-mini, role: {json.dumps(HOSTILE)}}}, "hosted_vllm/<b>{LONG}</b>"]}}
      checked: {{score: views, criteria: {json.dumps(HOSTILE)}}}
      answer: {{if: {json.dumps(f'checked.feedback != "{HOSTILE}"')}, then: checked, else: views_again}}
      views_again: {{synthesize: views}}
    final: answer
  {LONG}: {{strategy: direct, model: openai/gpt-4o, description: "{LONG}"}}
  wrong: {{strategy: direct, model: openai/gpt-4o, temprature: 1}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    profiles = tmp_path_factory.mktemp("profiles")
    (profiles / "mine.yaml").write_text(MINE)
    with (
        CollectorProcess(tmp_path_factory.mktemp("store")) as collector,
        serving(
            collector.url,
            collector.data,
            tmp_path_factory.mktemp("dashboard"),
            COMPOSITE_LLM_PROFILES=str(profiles),
        ) as running,
    ):
        running.send(*all_traces(start_ns=STARTED_NS))
        running.send(*run("fusion", [Staged(f"fusion.{HOSTILE}", {}, [Made(HOSTILE, 0)])], trace=70))
        yield running


def graph(page):
    return page.locator(".graph[data-painted]")


def test_a_mode_is_opened_by_a_click_and_its_runs_are_on_traces(visit, server):
    page = visit(f"{server.url}/strategies")
    expect(page.get_by_role("heading", name="Strategies")).to_be_visible()
    expect(page.get_by_test_id("stCode").first).to_contain_text("mine.yaml:12: profiles.wrong.temprature")
    strategies = page.get_by_test_id("stDataFrame").last
    expect(strategies.locator("canvas").first).to_be_visible()
    # Below the header stand those that ran, the dearest first: council, moa.
    strategies.click(position={"x": 90, "y": 36 * 2 + 18})

    page.wait_for_url(re.compile("mode=moa"))
    expect(page.get_by_role("heading", name="moa", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stMetric").filter(has_text="Cost per run")).to_contain_text("$0.0500")
    page.get_by_role("button", name="The 2 runs on Traces").click()

    page.wait_for_url(re.compile("/traces.*profile=moa"))
    expect(page.get_by_text("2 runs").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_graph_is_drawn_in_the_colours_of_the_page(page, visit, server, theme):
    page.emulate_media(color_scheme=theme)
    visit(f"{server.url}/strategies?mode=until-good")

    expect(graph(page)).to_have_attribute("data-painted", "7")
    loop, better = (page.locator(f'[data-step="{step}"]') for step in ("answer", "answer.better"))
    expect(loop).to_contain_text("until check.score >= 8")
    expect(loop).to_contain_text("at most 3 times")
    assert inside(better.bounding_box(), loop.bounding_box())
    expect(page.locator(".label", has_text="again")).to_be_visible()
    name = better.locator(".name")
    expect(name).to_have_css("color", "rgb(23, 28, 38)" if theme == "light" else "rgb(231, 234, 240)")


def test_a_graph_keeps_to_the_room_there_is(page, visit, server):
    page.set_viewport_size({"width": 700, "height": 900})
    visit(f"{server.url}/strategies?mode=experts")

    expect(graph(page)).to_have_attribute("data-painted", "4")
    outer, fan = graph(page).bounding_box(), page.locator('[data-step="views"]').bounding_box()
    assert inside(fan, outer)


def test_hostile_text_of_a_profile_is_text_everywhere(visit, server):
    page = visit(f"{server.url}/strategies?mode=hostile")
    expect(graph(page)).to_have_attribute("data-painted", "6")

    assert page.title() != "owned"
    assert page.locator('img[src*="evil"], a[href*="evil"]').count() == 0
    assert page.locator(".graph script, .graph b, .graph img").count() == 0
    expect(page.locator(".graph .role").first).to_have_text(HOSTILE)
    expect(page.locator('[data-step="answer"] .condition')).to_contain_text("<script>")
    views = page.locator('[data-step="views"]')
    for card in views.locator(".card").all():  # a name of 300 letters stays in its card
        assert inside(card.bounding_box(), views.bounding_box())


def test_a_long_name_does_not_break_the_page(visit, server):
    page = visit(f"{server.url}/strategies?mode={LONG}")
    expect(graph(page)).to_have_attribute("data-painted", "3")

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def structure(page):
    return page.locator(".structure[data-painted]")


def test_the_average_run_folds_by_click_and_key_and_two_modes_stand_beside_each_other(page, visit, server):
    visit(f"{server.url}/strategies?mode=moa")
    rows = structure(page).locator(".row.body:not([hidden])")
    expect(structure(page)).to_have_attribute("data-painted", "8")
    expect(rows.filter(has_text="aggregator")).to_contain_text("$0.0200")
    expect(page.get_by_test_id("stMain")).to_contain_text("Most of the money goes to the proposer in propose")

    expect(rows).to_have_count(8)
    rows.filter(has_text="proposer").click()
    expect(rows).to_have_count(5)
    rows.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(rows).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(rows).to_have_count(5)

    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name="council", exact=True).click()
    page.wait_for_url(re.compile("with=council"))
    expect(structure(page)).to_have_count(2)
    expect(page.get_by_test_id("stMain")).to_contain_text("costs 3.0× as much as one of moa")


def test_hostile_text_of_a_span_is_text_in_the_average_run(page, visit, server):
    visit(f"{server.url}/strategies?mode=fusion&window=all")
    expect(structure(page)).to_have_attribute("data-painted", "3")

    expect(structure(page).locator(".label", has_text="<script>").first).to_be_visible()
    assert page.title() != "owned"
    assert page.locator('img[src*="evil"], a[href*="evil"], .structure script, .structure img').count() == 0


def test_the_button_and_the_menu_lead_back_to_the_list(visit, server, page):
    visit(f"{server.url}/strategies?mode=experts")
    expect(graph(page)).to_have_attribute("data-painted", "4")
    page.get_by_test_id("stMain").get_by_role("button", name="Modes").click()
    expect(page.get_by_role("heading", name="Profiles")).to_be_visible()
    settled(page)
    assert "mode=" not in page.url

    visit(f"{server.url}/strategies?mode=experts&window=all")
    expect(graph(page)).to_have_attribute("data-painted", "4")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Modes").click()
    expect(page.get_by_role("heading", name="Profiles")).to_be_visible()
    settled(page)
    assert "mode=" not in page.url
    assert "window=all" in page.url


def inside(box, frame):
    slack = 1
    return (
        frame["x"] - slack <= box["x"]
        and box["x"] + box["width"] <= frame["x"] + frame["width"] + slack
        and frame["y"] - slack <= box["y"]
        and box["y"] + box["height"] <= frame["y"] + frame["height"] + slack
    )
