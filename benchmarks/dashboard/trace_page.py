"""Long traces on screen: from an address to the drawn timeline, from a click to the span's detail, frames a second.

An address is opened by a reader who has Streamlit's scripts already. What is opened in the app leaves out the loading of
the page, as a click in a list of runs does. Each is measured several times, and the median counts; the first
time a trace is opened, its spans are read from the store.
"""

import time
from collections.abc import Callable
from statistics import median

from playwright.sync_api import Page

from benchmarks.dashboard import long_traces
from benchmarks.dashboard.server import Dashboard, dashboard, reader
from benchmarks.figures import Figure

SIZES = {"1,000 spans": 1000, "10,000 spans": 10_000, "50,000 spans": 50_000}
CHAIN = "a chain 10,000 deep"
OPENED = {"10,000 spans": "< 1 s", "50,000 spans": "< 2 s", CHAIN: "opens"}
CLICKED = {"10,000 spans": "< 300 ms"}
SMOOTH = {"50,000 spans": "p50 ≤ 17 ms"}
TIMES = 5
FRAMES = 120
HEADER, ROW = 68, 24
"""Pixels, as dashboard/widgets/timeline/scales.js has them."""
FRAME_TIMES = """async ({frames, zoom}) => {
    const found = root => {
        for (const each of root.querySelectorAll("*")) {
            if (each.matches("canvas[data-painted]")) return each
            const inside = each.shadowRoot && found(each.shadowRoot)
            if (inside) return inside
        }
    }
    const canvas = found(document)
    const box = canvas.getBoundingClientRect(), times = []
    let before = await new Promise(requestAnimationFrame)
    for (let frame = 0; frame < frames; frame++) {
        canvas.dispatchEvent(new WheelEvent("wheel", {
            deltaY: zoom ? (frame % 60 < 30 ? -100 : 100) : 37, ctrlKey: zoom, bubbles: true, cancelable: true,
            clientX: box.x + box.width * 0.6, clientY: box.y + box.height / 2,
        }))
        const now = await new Promise(requestAnimationFrame)
        times.push(now - before)
        before = now
    }
    return times
}"""


def measure() -> list[Figure]:
    with dashboard() as served, reader() as context:
        for name, spans in SIZES.items():
            served.land(long_traces.recursion(_id(name), spans))
        served.land(long_traces.chain(_id(CHAIN), 10_000))
        page = context.new_page()
        _opened(page, served, "1,000 spans")
        return [figure for name in (*SIZES, CHAIN) for figure in _figures(page, served, name)]


def _figures(page: Page, served: Dashboard, name: str) -> list[Figure]:
    first = _opened(page, served, name)
    again = median(_opened(page, served, name) for _ in range(TIMES))
    listed = median(_opened_in_the_app(page, name) for _ in range(TIMES))
    clicked = median(_clicked(page, name, row) for row in range(2, 2 + TIMES))
    figures = [
        Figure(f"{name}: address to drawn timeline, first time", f"{first:.2f} s"),
        Figure(f"{name}: address to drawn timeline", f"{again:.2f} s"),
        Figure(f"{name}: in the app, to drawn timeline", f"{listed:.2f} s", OPENED.get(name, "–")),
        Figure(f"{name}: click to the span's detail", f"{clicked * 1000:.0f} ms", CLICKED.get(name, "–")),
    ]
    for what, zoom in (("scrolling", False), ("zooming", True)):
        times = sorted(page.evaluate(FRAME_TIMES, {"frames": FRAMES, "zoom": zoom}))
        half, most = times[len(times) // 2], times[int(len(times) * 0.95)]
        figures.append(
            Figure(f"{name}: a frame {what}, p50 / p95", f"{half:.1f} / {most:.1f} ms", SMOOTH.get(name, "–"))
        )
    return figures


def _opened(page: Page, served: Dashboard, name: str) -> float:
    page.goto("about:blank")
    return _seconds(
        lambda: page.goto(f"{served.url}/trace?trace={_id(name).hex()}"), lambda: _drawn(page, name)
    )


def _opened_in_the_app(page: Page, name: str) -> float:
    """Back from the list of runs, which is as far as a click there."""
    _settled(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Traces").click()
    page.locator("canvas[data-painted]").wait_for(state="detached")
    _settled(page)
    return _seconds(page.go_back, lambda: _drawn(page, name))


def _clicked(page: Page, name: str, row: int) -> float:
    """Until the detail names the span: in a recursion the first two rows are the run and its first piece of code."""
    called = f"node {row + 1}" if name == CHAIN else f"sub_query {row - 1}"
    canvas = page.locator("canvas[data-painted]")
    _settled(page)
    return _seconds(
        lambda: canvas.click(position={"x": 150, "y": HEADER + (row + 0.5) * ROW}),
        lambda: page.get_by_role("heading", name=called, exact=True).wait_for(),
    )


def _drawn(page: Page, name: str) -> None:
    spans = SIZES.get(name, 10_000)
    page.locator(f'canvas[data-painted="{spans}"]').wait_for()


def _settled(page: Page) -> None:
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def _seconds(act: Callable[[], object], until: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    until()
    return time.perf_counter() - started


def _id(name: str) -> bytes:
    return name.replace(",", "").encode().ljust(16, b".")[:16]
