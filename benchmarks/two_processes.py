"""One process records 10,000 spans a second, another looks: are there lock errors, and does either slow the other?"""

import os
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles

from benchmarks import sender
from benchmarks.collector_process import collector_process
from benchmarks.figures import Figure
from benchmarks.questions import questions
from benchmarks.sender import Sent
from benchmarks.traffic import SPANS_PER_BODY, bodies
from collector.client import CollectorClient

SECONDS = float(os.environ.get("BENCHMARK_SECONDS", "20"))
"""Of each: recording alone, looking alone, both, and looking alone again."""
SPANS_A_SECOND = 10_000
CONNECTIONS = 8
SECONDS_BETWEEN_LOOKS = 0.25
"""A page asks all its questions at once, and then its reader reads."""


def measure() -> list[Figure]:
    spans = int(SPANS_A_SECOND * SECONDS) // SPANS_PER_BODY * SPANS_PER_BODY
    with (
        tempfile.TemporaryDirectory() as first,
        tempfile.TemporaryDirectory() as second,
        collector_process() as settings,
        CollectorClient(settings.collector) as client,
    ):
        sender.prepare(bodies(spans, days=1, seed=1), Path(first))
        sender.prepare(bodies(spans, days=1, seed=2), Path(second))
        recording_alone = sender.finished(_start(settings.collector, first))
        looking_alone = _looks(client, _seconds_from_now(SECONDS))
        process = _start(settings.collector, second)
        over = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(_looks, client, over)
            recording_beside = sender.finished(process)
            over.set()
            beside = looking.result()
        # The store has grown meanwhile, and a question with it: what it takes alone is taken before and after.
        looking_alone += _looks(client, _seconds_from_now(SECONDS))
        stored = client.health().spans
    sent = (recording_alone.bodies + recording_beside.bodies) * SPANS_PER_BODY
    assert stored == sent, f"{stored} spans stored of {sent} acknowledged"
    return [
        Figure(
            f"recording {_rate(recording_beside):,.0f} spans/s while asking for {SECONDS:.0f} s",
            f"{len(beside):,} questions, 0 errors, every acknowledged span stored",
            "no lock error",
        ),
        Figure("a question meanwhile, against alone", _against(beside, looking_alone), "≤ 2 times"),
        Figure(
            "an acknowledgement meanwhile, against nobody looking",
            _against(recording_beside.waits, recording_alone.waits),
            "≤ 2 times",
        ),
    ]


def _start(collector: str, folder: str) -> "subprocess.Popen[str]":
    a_second = SPANS_A_SECOND / SPANS_PER_BODY
    return sender.start(collector, Path(folder), connections=CONNECTIONS, a_second=a_second)


def _rate(sent: Sent) -> float:
    return sent.bodies * SPANS_PER_BODY / sent.seconds


def _against(beside: list[float], alone: list[float]) -> str:
    p50, before, p95 = median(beside) * 1000, median(alone) * 1000, quantiles(beside, n=20)[18] * 1000
    return f"{p50 / before:.1f} times: p50 {p50:.0f} ms, was {before:.0f}; p95 {p95:.0f} ms"


def _seconds_from_now(seconds: float) -> threading.Event:
    over = threading.Event()
    threading.Timer(seconds, over.set).start()
    return over


def _looks(client: CollectorClient, over: threading.Event) -> list[float]:
    """Seconds each question took, one after another. An error of any kind ends the benchmark."""
    waits: list[float] = []
    while not over.wait(SECONDS_BETWEEN_LOOKS):
        for name, parameters in questions(client).items():
            started = time.perf_counter()
            client.ask(name, **parameters)
            waits.append(time.perf_counter() - started)
    return waits
