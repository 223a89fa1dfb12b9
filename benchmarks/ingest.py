"""From OTLP to a queryable row: acknowledged, durable spans a second, and how long an answer takes."""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles

import httpx

from benchmarks.collector_process import collector_process
from benchmarks.figures import Figure
from benchmarks.traffic import SPANS_PER_BODY, SPANS_PER_TRACE, bodies
from collector.client import CollectorClient

SPANS = 100_000
SENDERS = 4


def measure() -> list[Figure]:
    prepared = list(bodies(SPANS))
    with collector_process() as settings, CollectorClient(settings.collector) as client:
        with (
            httpx.Client(base_url=settings.collector, timeout=30) as http,
            ThreadPoolExecutor(SENDERS) as senders,
        ):
            started = time.perf_counter()
            waits = list(senders.map(lambda body: _acknowledged(http, body), prepared))
            seconds = time.perf_counter() - started
        health = client.health()
        assert health.spans == SPANS // SPANS_PER_TRACE * SPANS_PER_TRACE, (
            "not every acknowledged span is stored"
        )
    p99 = quantiles(waits, n=100)[98]
    return [
        Figure(
            f"ingest over HTTP, {SPANS_PER_BODY}-span bodies, {SENDERS} senders, acknowledged durable",
            f"{health.spans / seconds:,.0f} spans/s",
        ),
        Figure(
            "acknowledgement under that load", f"p50 {median(waits) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms"
        ),
        Figure("store on disk", f"{health.store_bytes / health.spans:.0f} bytes a span"),
    ]


def _acknowledged(http: httpx.Client, body: bytes) -> float:
    started = time.perf_counter()
    answer = http.post("/v1/traces", content=body, headers={"content-type": "application/x-protobuf"})
    answer.raise_for_status()
    return time.perf_counter() - started
