"""From OTLP to a queryable row: acknowledged, durable spans a second, how long an answer takes, and what it weighs."""

import os
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

from benchmarks import sender
from benchmarks.collector_process import collector_process
from benchmarks.figures import Figure
from benchmarks.process_use import cpu_seconds, peak_mb, resident_mb, with_children
from benchmarks.traffic import SPANS_PER_BODY, bodies
from collector.client import CollectorClient
from collector.spans.batch import Batch
from collector.spans.otlp import batch_of, from_protobuf
from collector.store.duckdb.store import FILE_NAME, DuckdbStore

SPANS = 200 * 1024
CONNECTIONS = 16
BODIES_A_COMMIT = 8
STEADY_SPANS_A_SECOND = 10_000
STEADY_SECONDS = float(os.environ.get("BENCHMARK_SECONDS", "30"))
SECONDS_IDLE = 3.0


def measure() -> list[Figure]:
    return [*_as_fast_as_possible(), *_steady(), _asked_alike()]


def _as_fast_as_possible() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as data:
        sender.prepare(bodies(SPANS), Path(folder))
        with collector_process(Path(data)) as settings, CollectorClient(settings.collector) as client:
            time.sleep(SECONDS_IDLE)
            pid = client.health().pid
            idle, cpu = resident_mb(pid), cpu_seconds(pid)
            sent = sender.finished(sender.start(settings.collector, Path(folder), connections=CONNECTIONS))
            health = client.health()
            processes = with_children(pid)
            peaks, cpu = [peak_mb(each) for each in processes], sum(map(cpu_seconds, processes)) - cpu
        assert health.spans == sent.bodies * SPANS_PER_BODY, "not every acknowledged span is stored"
        closed_bytes = (Path(data) / FILE_NAME).stat().st_size
    share = sent.cpu_seconds / sent.seconds
    return [
        Figure(
            f"ingest over HTTP, {SPANS_PER_BODY}-span bodies, {CONNECTIONS} connections, acknowledged durable",
            f"{health.spans / sent.seconds:,.0f} spans/s (the sender took {share:.0%} of a core)",
            "≥ 25,000 spans/s",
        ),
        Figure("acknowledgement under that load", _waits(sent.waits)),
        Figure("collector's processor time under that load", f"{cpu / health.spans * 1e6:.0f} µs a span"),
        Figure(
            "store on disk, every prompt different",
            f"{closed_bytes / health.spans:.0f} bytes a span; "
            f"{health.store_bytes / health.spans:.0f} right after the load, with its log",
            "≤ 500 bytes",
        ),
        Figure("collector's memory when idle", f"{idle:.0f} MB", "< 150 MB"),
        _memory("collector's memory under that load, at most", peaks),
    ]


def _steady() -> list[Figure]:
    spans = int(STEADY_SPANS_A_SECOND * STEADY_SECONDS) // SPANS_PER_BODY * SPANS_PER_BODY
    with tempfile.TemporaryDirectory() as folder, collector_process() as settings:
        sender.prepare(bodies(spans), Path(folder))
        a_second = STEADY_SPANS_A_SECOND / SPANS_PER_BODY
        sent = sender.finished(
            sender.start(settings.collector, Path(folder), connections=CONNECTIONS, a_second=a_second)
        )
        with CollectorClient(settings.collector) as client:
            peaks = [peak_mb(each) for each in with_children(client.health().pid)]
    rate = sent.bodies * SPANS_PER_BODY / sent.seconds
    return [
        Figure(
            f"acknowledgement at {rate:,.0f} spans/s for {STEADY_SECONDS:.0f} s, checkpoints included",
            _waits(sent.waits),
            "p99 < 700 ms",
        ),
        _memory("collector's memory meanwhile, at most", peaks),
    ]


def _asked_alike() -> Figure:
    """What a store weighs where the proposers of a trace are asked the same, as a MoA asks them."""
    batches = (batch_of(from_protobuf(body)) for body in bodies(SPANS, asked_alike=True))
    spans = 0
    with tempfile.TemporaryDirectory() as folder:
        store = DuckdbStore.open(Path(folder))
        while group := list(islice(batches, BODIES_A_COMMIT)):
            spans += store.land(Batch.together(group)).num_rows
        store.file.checkpoint()
        weight = store.bytes_on_disk() / spans
        store.close()
    return Figure(
        "store on disk, proposers of a trace asked alike", f"{weight:.0f} bytes a span", "≤ 500 bytes"
    )


def _memory(what: str, peaks: list[float]) -> Figure:
    """Each process at its own peak, libraries that both use counted twice: more than was ever there."""
    each = " + ".join(f"{peak:.0f}" for peak in peaks)
    return Figure(what, f"{sum(peaks):.0f} MB ({each})", "< 400 MB")


def _waits(seconds: list[float]) -> str:
    p99 = quantiles(seconds, n=100)[98]
    return f"p50 {median(seconds) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms"
