"""A real Chromium looking at a real dashboard in front of a real collector.

Nothing may leave this machine: every page fails its test if it asks any other host for anything, or throws.
"""

import os
import shutil
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.collector.running import CollectorProcess, child, free_port, wait_until
from tests.otlp_traces import MINUTE, all_traces, export_request

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STARTED_NS = time.time_ns() - 20 * MINUTE
PATIENCE_MS = 180_000
"""For a machine that is busy with other tests."""
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@dataclass(frozen=True, slots=True)
class DashboardServer:
    url: str
    collector_url: str
    data: Path

    def send(self, *spans, **more) -> None:
        """Land spans; `more` as `export_request` takes it."""
        body = export_request(spans, **more).SerializeToString()
        headers = {"content-type": "application/x-protobuf"}
        httpx.post(f"{self.collector_url}/v1/traces", content=body, headers=headers).raise_for_status()


@contextmanager
def serving(collector_url: str, data: Path, folder: Path, **environment: str) -> Generator[DashboardServer]:
    """`streamlit run dashboard/app.py` on a free port, for a collector at `collector_url`; its log in `folder`."""
    port = free_port()
    ours = {"COMPOSITE_LLM_COLLECTOR": collector_url, "COMPOSITE_LLM_DATA": str(data)}
    with (
        (folder / "streamlit.log").open("wb") as log,
        child(
            [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, "COMPOSITE_LLM_SAMPLES": "0", **ours, **environment},
            stdout=log,
            stderr=log,
        ) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(f"{url}/_stcore/health"))
        yield DashboardServer(url, collector_url, data)
        process.terminate()
        process.wait(60)


@pytest.fixture
def serve_dashboard(tmp_path_factory) -> Iterator:
    """Starts a dashboard that ends with the test."""
    with ExitStack() as servers:

        def serve(collector_url: str, data: Path, **environment: str) -> DashboardServer:
            folder = tmp_path_factory.mktemp("dashboard")
            return servers.enter_context(serving(collector_url, data, folder, **environment))

        yield serve


@pytest.fixture(scope="package")
def dashboard_server(tmp_path_factory) -> Iterator[DashboardServer]:
    """A dashboard over the four example traces of tests/otlp_traces.py, and what the tests before have sent it."""
    with (
        CollectorProcess(tmp_path_factory.mktemp("store")) as collector,
        serving(collector.url, collector.data, tmp_path_factory.mktemp("dashboard")) as server,
    ):
        server.send(*all_traces(start_ns=STARTED_NS))
        yield server


# For these tests and not longer: while it lives, Playwright's own event loop is in the way of other tests' loops.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def reader(browser) -> Iterator[BrowserContext]:
    """In Berlin, with a screen 1280 pixels wide. One for all, who has Streamlit's scripts already: to load and
    compile them is most of what a page takes."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 1000},
        timezone_id="Europe/Berlin",
        locale="en-GB",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(reader) -> Iterator[Page]:
    """A fresh page, of a reader who has changed nothing yet."""
    opened = reader.new_page()
    errors: list[str] = []
    addresses: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("request", lambda request: addresses.append(request.url))
    yield opened
    if opened.url.startswith("http"):
        opened.evaluate("() => { localStorage.clear(); sessionStorage.clear() }")
    opened.close()
    assert errors == []
    outside = [url for url in addresses if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))]
    assert outside == []


@pytest.fixture
def visit(page):
    """Open an address and wait until the app has drawn it."""

    def visited(url: str) -> Page:
        page.goto(url)
        settled(page)
        return page

    return visited


def settled(page: Page) -> None:
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=PATIENCE_MS)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The canvas of a trace, which says of itself where its rows are."""

    page: Page

    @property
    def canvas(self):
        return self.page.locator("canvas[data-painted]")

    def said(self, name: str) -> str:
        return self.canvas.get_attribute(f"data-{name}") or ""

    def middle_of(self, row: int) -> float:
        return float(self.said("header")) + (row + 0.5) * float(self.said("row"))

    def click_name(self, row: int) -> None:
        self.canvas.click(position={"x": 150, "y": self.middle_of(row)})

    def drag(self, from_x: float, to_x: float, y: float) -> None:
        """From and to as shares of the room for bars."""
        box = self.canvas.bounding_box()
        bars = float(self.said("bars"))
        at = [box["x"] + bars + share * (box["width"] - bars) for share in (from_x, to_x)]
        self.page.mouse.move(at[0], box["y"] + y)
        self.page.mouse.down()
        self.page.mouse.move(at[1], box["y"] + y, steps=4)
        self.page.mouse.up()

    def expect_selected(self, span_id: str) -> None:
        expect(self.canvas).to_have_attribute("data-selected", span_id)

    def expect_visible(self, rows: int) -> None:
        expect(self.canvas).to_have_attribute("data-visible", str(rows))


@pytest.fixture
def timeline(page) -> Timeline:
    return Timeline(page)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.HTTPError:
        return False
