"""The overview on screen, with 100,000 runs in the store: from its address to its cards, and to all of it.

Cold is the first look at a server that has just started, by a browser without anything in its cache. Warm is the same
browser again, when the answers of the look before are not kept any more; the median of several looks counts.
"""

import time
from statistics import median

from playwright.sync_api import Page

from benchmarks.dashboard.server import dashboard, reader
from benchmarks.figures import Figure
from benchmarks.made_store import folder_of
from benchmarks.traffic import SPANS_PER_TRACE

RUNS = 100_000
CHARTS = 5
TIMES = 5
SECONDS_KEPT = 3.0
"""A little longer than the dashboard keeps an answer."""
LOOKS = {"the last 7 days": "/", "all 100,000 runs": "/?window=all"}
TARGETS = {"cold": "< 3 s", "warm": "< 1.5 s"}


def measure() -> list[Figure]:
    return [figure for name, address in LOOKS.items() for figure in _figures(name, address)]


def _figures(name: str, address: str) -> list[Figure]:
    with dashboard(folder_of(RUNS * SPANS_PER_TRACE)) as served, reader() as context:
        page = context.new_page()
        url = served.url + address
        looks = {"cold": [_look(page, url)], "warm": [_look_again(page, url) for _ in range(TIMES)]}
    return [
        Figure(
            f"overview, {name}, {how}: cards / all charts",
            f"{median(cards for cards, _ in times):.2f} / {median(all_ for _, all_ in times):.2f} s",
            TARGETS[how],
        )
        for how, times in looks.items()
    ]


def _look_again(page: Page, url: str) -> tuple[float, float]:
    page.goto("about:blank")
    time.sleep(SECONDS_KEPT)
    return _look(page, url)


def _look(page: Page, url: str) -> tuple[float, float]:
    """Seconds until the first figures can be read, and until all that the page holds is drawn."""
    started = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.get_by_test_id("stMetricValue").first.wait_for()
    cards = time.perf_counter() - started
    page.locator(".js-plotly-plot .main-svg").nth(CHARTS * _LAYERS - 1).wait_for(state="attached")
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    return cards, time.perf_counter() - started


_LAYERS = 3
"""Pictures that Plotly lays over each other for one chart."""
