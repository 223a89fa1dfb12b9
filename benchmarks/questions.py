"""From a question to its answer, over HTTP as the dashboard asks, on stores of different sizes."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median
from typing import Any

from benchmarks.collector_process import collector_process
from benchmarks.figures import Figure
from benchmarks.made_store import DAYS, folder_of
from benchmarks.process_use import peak_mb
from collector.client import CollectorClient, SearchStep

SIZES = (100_000, 1_000_000)
REPEATS = 7
DAY_NS = 86_400 * 10**9
RARE = "word17 word4321"
Asked = tuple[str, dict[str, Any]]
"""The name of a question and its parameters."""

OVERVIEW = "< 300 ms"
TARGETS = {
    "trace by id": "< 50 ms",
    "list, first page": "< 200 ms",
    "list, page 1,000": "< 200 ms",
    "list, words in the questions of 24 h": "< 200 ms",
}


def measure() -> list[Figure]:
    return figures_at(SIZES)


def figures_at(sizes: tuple[int, ...]) -> list[Figure]:
    """A row a question, the sizes side by side."""
    measured = {size: _at(size) for size in sizes}
    many = " / ".join(f"{size / 1e6:g}" for size in sizes)
    rows = [
        Figure(
            f"{what}, {many} million spans",
            " / ".join(f"{measured[size][what] * 1000:.0f}" for size in sizes) + " ms",
            TARGETS.get(what, OVERVIEW if what.startswith("`") else "–"),
        )
        for what in measured[sizes[0]]
        if what != "memory"
    ]
    memory = " / ".join(f"{measured[size]['memory']:.0f}" for size in sizes)
    return [
        *rows,
        Figure(f"collector's memory meanwhile, at most, {many} million spans", f"{memory} MB", "< 400 MB"),
    ]


def _at(size: int) -> dict[str, float]:
    with collector_process(folder_of(size)) as settings, CollectorClient(settings.collector) as client:
        seconds = {
            what: _median_seconds(lambda asked=asked: client.ask(asked[0], **asked[1]))
            for what, asked in _asked(client).items()
        }
        for what, days in (("24 h", 1), ("everything", DAYS + 1)):
            seconds[f"search in all texts of {what}, first answer"] = _seconds(
                lambda days=days: [*islice(_search(client, days), 1)]
            )
            seconds[f"search in all texts of {what}, to the end"] = _seconds(
                lambda days=days: [*_search(client, days)]
            )
        return seconds | {"memory": peak_mb(client.health().pid)}


def _asked(client: CollectorClient) -> dict[str, Asked]:
    newest = client.health().newest_span_ns or 0
    asked: dict[str, Asked] = {}
    for label, since_ns, bucket in (
        ("all", newest - int((DAYS + 1) * DAY_NS), 86_400),
        ("24 h", newest - DAY_NS, 3600),
    ):
        window = {"since_ns": since_ns, "until_ns": newest + 1, "strategies": [], "origin": "all"}
        asked |= {f"`{name}` of {label}": (name, window) for name in ("totals", "by_strategy")}
        buckets = {**window, "bucket_seconds": bucket, "zone": "Europe/Berlin"}
        for name in ("totals_over_time", "spend_by_model", "latency_by_strategy"):
            asked[f"`{name}` of {label}"] = (name, buckets)
    page = {**window, "since_ns": newest - int((DAYS + 1) * DAY_NS), "page_size": 50}
    trace_id = client.ask("traces", **page)["trace_id"][25].as_py()
    span_id = client.ask("trace_spans", trace_id=trace_id)["span_id"][0].as_py()
    return asked | {
        "list, first page": ("traces", page),
        "list, page 1,000": ("traces", {**page, "page_offset": 49_950}),
        "list, one model": ("traces", {**page, "model": "openai/gpt-4o"}),
        "list, words in the questions of 24 h": (
            "traces",
            {**page, "since_ns": newest - DAY_NS, "text": RARE},
        ),
        "list, words in all questions": ("traces", {**page, "text": RARE}),
        "trace by id": ("trace_spans", {"trace_id": trace_id}),
        "trace by id, summary": ("trace_summary", {"trace_id": trace_id}),
        "span by id": ("span_detail", {"trace_id": trace_id, "span_id": span_id}),
        "`models`": ("models", {}),
        "`strategies`": ("strategies", {}),
        "`store_counts`": ("store_counts", {}),
    }


def _search(client: CollectorClient, days: float) -> Iterator[SearchStep]:
    newest = client.health().newest_span_ns or 0
    return client.search(RARE, since=str(newest - int(days * DAY_NS)), until=str(newest + 1), limit=1000)


def questions(client: CollectorClient) -> dict[str, dict[str, Any]]:
    """What one look at the overview, the list and a run asks."""
    now = time.time_ns()
    window = {"since_ns": now - 8 * DAY_NS, "until_ns": now + 10**9, "strategies": [], "origin": "all"}
    days = {**window, "bucket_seconds": 86_400, "zone": "UTC"}
    page = {**window, "page_size": 50}
    return {
        "totals": window,
        "totals_over_time": days,
        "spend_by_model": days,
        "latency_by_strategy": days,
        "by_strategy": window,
        "traces": page,
        "trace_spans": {"trace_id": client.ask("traces", **page)["trace_id"][0].as_py()},
    }


def _median_seconds(ask: Callable[[], object]) -> float:
    ask()
    return median(_seconds(ask) for _ in range(REPEATS))


def _seconds(ask: Callable[[], object]) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started
