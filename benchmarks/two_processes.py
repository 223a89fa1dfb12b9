"""One process records, another looks, both for minutes: are there lock errors, and does either slow the other?"""

import os
import subprocess
import sys
import time
from statistics import median, quantiles

import httpx

from benchmarks.collector_process import collector_process
from benchmarks.figures import Figure
from benchmarks.questions import questions
from benchmarks.traffic import SPANS_PER_BODY, bodies
from collector.client import CollectorClient

SECONDS = float(os.environ.get("BENCHMARK_SECONDS", "60"))
BODIES_A_SECOND = 4


def measure() -> list[Figure]:
    with collector_process() as settings, CollectorClient(settings.collector) as client:
        _send(settings.collector, 1)
        alone = _waits(client, 5)
        recorder = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.two_processes", settings.collector, str(SECONDS)],
            stdout=subprocess.PIPE,
            text=True,
        )
        beside = _waits(client, SECONDS)
        sent = int(recorder.communicate()[0])
        stored = client.health().spans
    assert stored == sent + SPANS_PER_BODY, f"{stored} spans stored of {sent + SPANS_PER_BODY} acknowledged"
    p95 = quantiles(beside, n=20)[18]
    return [
        Figure(
            f"recording {sent / SECONDS:,.0f} spans/s while asking for {SECONDS:.0f} s",
            f"{len(beside):,} questions, 0 errors, every acknowledged span stored",
            "no lock error",
        ),
        Figure(
            "a question meanwhile",
            f"p50 {median(beside) * 1000:.0f} ms (alone {median(alone) * 1000:.0f}), p95 {p95 * 1000:.0f} ms",
        ),
    ]


def _waits(client: CollectorClient, seconds: float) -> list[float]:
    """Seconds each question took, one after another. An error of any kind ends the benchmark."""
    waits: list[float] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for name, parameters in questions(client).items():
            started = time.perf_counter()
            client.ask(name, **parameters)
            waits.append(time.perf_counter() - started)
    return waits


def _send(collector: str, many: int, seed: int = 1) -> None:
    for body in bodies(many * SPANS_PER_BODY, days=1, seed=seed):
        headers = {"content-type": "application/x-protobuf"}
        httpx.post(f"{collector}/v1/traces", content=body, headers=headers, timeout=30).raise_for_status()


def _record(collector: str, seconds: float) -> int:
    """A steady stream; the spans that were acknowledged."""
    sent, started = 0, time.monotonic()
    while time.monotonic() - started < seconds:
        _send(collector, 1, seed=sent + 2)
        sent += SPANS_PER_BODY
        time.sleep(max(0.0, started + sent / SPANS_PER_BODY / BODIES_A_SECOND - time.monotonic()))
    return sent


if __name__ == "__main__":
    print(_record(sys.argv[1], float(sys.argv[2])))
