"""`GET /metrics`: the collector's figures in the text that Prometheus scrapes."""

import math
import time
from collections.abc import Callable, Iterator

from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector as Source
from starlette.responses import Response

from collector.monitoring.figures import KINDS, SECONDS, CallFigures, Figures
from collector.monitoring.traffic import Traffic

PREFIX = "composite_llm"
LABELS = ("strategy", "model")
HELD = "those of other libraries once their trace is settled: a minute after its last usage, or an hour without a root."


def router(figures: Figures, traffic: Callable[[], Traffic]) -> APIRouter:
    routes = APIRouter(tags=["Totals"])
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Scrape(figures, traffic))

    @routes.get(
        "/metrics",
        summary="Figures for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
    )
    def metrics() -> Response:
        """Counted since the collector started, from spans that were new when they landed. At most 200
        strategies and models are told apart; the rest is `other`."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes


class Scrape(Source):
    """Reads everything anew at each scrape."""

    def __init__(self, figures: Figures, traffic: Callable[[], Traffic]) -> None:
        self._figures = figures
        self._traffic = traffic

    def collect(self) -> Iterator[Metric]:
        yield from self._of_traffic()
        yield from _of_calls(self._figures.calls())
        seconds = SummaryMetricFamily(
            f"{PREFIX}_question_seconds", "Time to answer the named questions.", labels=["question"]
        )
        for name, question in sorted(self._figures.questions().items()):
            seconds.add_metric([name], question.asked, question.seconds)
        yield seconds

    def _of_traffic(self) -> Iterator[Metric]:
        traffic = self._traffic()
        for name, what, value in (
            ("spans_received", "Spans that arrived.", traffic.received),
            ("spans_stored", "Spans that were new, and committed.", traffic.stored),
            ("spans_duplicate", "Spans that were stored already.", traffic.duplicate),
            ("spans_rejected", "Spans left out, because they are none.", traffic.rejected),
            ("spool_files_landed", "Spooled batches brought into the store.", traffic.spool_landed),
        ):
            yield CounterMetricFamily(f"{PREFIX}_{name}", what, value)
        committed = self._figures.committed_at
        lag = self._figures.lag_seconds
        for name, what, value in (
            ("spool_files_waiting", "Spooled batches not landed yet.", traffic.spool_waiting),
            ("queue_spans", "Spans taken in and not committed yet.", traffic.queued),
            (
                "calls_held",
                "Spans with usage of other libraries, not counted until their trace is settled.",
                self._figures.held.spans,
            ),
            ("store_bytes", "Size of the store on disk.", traffic.store_bytes),
            ("landing_lag_seconds", "From the newest span's end to its commit, at the last commit.", lag),
            (
                "seconds_since_commit",
                "Since the last commit.",
                None if committed is None else time.monotonic() - committed,
            ),
        ):
            yield GaugeMetricFamily(f"{PREFIX}_{name}", what, math.nan if value is None else value)


def _of_calls(figures: dict[tuple[str, str], CallFigures]) -> Iterator[Metric]:
    rows = sorted(figures.items())
    for name, what, field in (
        ("calls", f"Model calls; {HELD}", "calls"),
        ("call_errors", "Model calls with an error.", "errors"),
        ("calls_unpriced", "Model calls whose cost nobody knows; the cost leaves them out.", "unpriced"),
        (
            "cost_usd",
            f"US dollars, of the calls with a known price; {HELD}",
            "cost_usd",
        ),
    ):
        family = CounterMetricFamily(f"{PREFIX}_{name}", what, labels=LABELS)
        for labels, one in rows:
            family.add_metric(labels, getattr(one, field))
        yield family
    tokens = CounterMetricFamily(
        f"{PREFIX}_tokens",
        "Tokens. Input includes cached, output includes reasoning.",
        labels=[*LABELS, "kind"],
    )
    durations = HistogramMetricFamily(f"{PREFIX}_call_seconds", "How long calls took.", labels=LABELS)
    for labels, one in rows:
        for kind in KINDS:
            tokens.add_metric([*labels, kind], one.tokens[kind])
        durations.add_metric(labels, _cumulative(one.by_bucket), one.seconds)
    yield tokens
    yield durations


def _cumulative(by_bucket: list[int]) -> list[tuple[str, float]]:
    bounds = [str(bound) for bound in SECONDS] + ["+Inf"]
    total = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip(bounds, by_bucket, strict=True):
        total += count
        buckets.append((bound, total))
    return buckets
