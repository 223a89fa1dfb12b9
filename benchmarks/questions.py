"""From a question to its answer, over HTTP as the dashboard asks, on stores of different sizes."""

import time
from statistics import median
from typing import Any

import httpx

from benchmarks.collector_process import collector_process
from benchmarks.figures import Figure
from benchmarks.traffic import bodies
from collector.client import CollectorClient

SIZES = (10_000, 100_000)
REPEATS = 9


def measure() -> list[Figure]:
    seconds = {size: _at(size) for size in SIZES}
    return [
        Figure(f"`{name}`, {' / '.join(f'{size:,}' for size in SIZES)} spans", _together(name, seconds))
        for name in seconds[SIZES[0]]
    ]


def _together(name: str, seconds: dict[int, dict[str, float]]) -> str:
    return " / ".join(f"{seconds[size][name] * 1000:.0f}" for size in SIZES) + " ms"


def _at(size: int) -> dict[str, float]:
    with collector_process() as settings, CollectorClient(settings.collector) as client:
        for body in bodies(size):
            httpx.post(
                f"{settings.collector}/v1/traces",
                content=body,
                headers={"content-type": "application/x-protobuf"},
            ).raise_for_status()
        return {
            name: _median_seconds(client, name, parameters) for name, parameters in questions(client).items()
        }


def questions(client: CollectorClient) -> dict[str, dict[str, Any]]:
    now = time.time_ns()
    window = {
        "since_ns": now - 8 * 86_400 * 10**9,
        "until_ns": now + 10**9,
        "strategies": [],
        "origin": "all",
    }
    days = {**window, "bucket_seconds": 86_400, "zone": "UTC"}
    page = {
        **window, "text": "", "model": "", "errors_only": False, "min_cost_usd": 0.0, "min_latency_ms": 0.0,
        "page_size": 50, "page_offset": 0,
    }  # fmt: skip
    trace_id = client.ask("traces", **page).to_pylist()[0]["trace_id"]
    return {
        "totals": window,
        "totals_over_time": days,
        "spend_by_model": days,
        "latency_by_strategy": days,
        "by_strategy": window,
        "traces": page,
        "trace_spans": {"trace_id": trace_id},
    }


def _median_seconds(client: CollectorClient, name: str, parameters: dict[str, Any]) -> float:
    client.ask(name, **parameters)
    return median(_seconds(client, name, parameters) for _ in range(REPEATS))


def _seconds(client: CollectorClient, name: str, parameters: dict[str, Any]) -> float:
    started = time.perf_counter()
    client.ask(name, **parameters)
    return time.perf_counter() - started
