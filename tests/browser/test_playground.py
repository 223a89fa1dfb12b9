"""The Playground in a browser: asked, watched while it runs, answered, beside one plain call, and on to its trace."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.collector.running import CollectorProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory, model_server):
    """Models answer at once; a store of its own, since it records."""
    with (
        CollectorProcess(tmp_path_factory.mktemp("store")) as collector,
        serving(
            collector.url,
            collector.data,
            tmp_path_factory.mktemp("dashboard"),
            COMPOSITE_LLM_SIMULATOR=model_server.url,
            OPENAI_API_KEY="",
            ANTHROPIC_API_KEY="",
            GEMINI_API_KEY="",
        ) as running,
    ):
        yield running


def test_a_question_is_run_watched_and_compared(visit, server):
    page = visit(f"{server.url}/playground?playground_mode=moa")
    question = page.get_by_label("Question")
    question.fill("Why is the sky blue?")
    expect(page.get_by_text("Estimate: 4 calls")).to_be_visible()

    question.press("Control+Enter")

    expect(page.get_by_text("Answered", exact=True)).to_be_visible()
    expect(page.locator("canvas[data-painted]")).to_be_visible()
    page.get_by_role("button", name="Compare with one plain call of openai/gpt-4o").click()
    expect(page.get_by_text(re.compile("The composite cost .* and took"))).to_be_visible()
    page.get_by_role("link", name="Open its trace").click()
    page.wait_for_url(re.compile(r"/trace\?trace=[0-9a-f]{32}"))
