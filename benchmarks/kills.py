"""The collector is killed at random moments under load: is what it acknowledged stored, exactly once?

Some kills fall into a checkpoint, some into a prune that rewrites the file. Senders send again what was not
acknowledged, as every OTLP client does. After each restart the store is held against their notes.
"""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.figures import Figure
from benchmarks.traffic import SPANS_PER_BODY, SPANS_PER_TRACE, bodies
from collector.client import CollectorClient
from collector.errors import CollectorError

KILLS = int(os.environ.get("BENCHMARK_KILLS", "50"))
SENDERS = 4
PREFIX = bytes.fromhex("abcdef0123456789")
"""The first half of every trace id of the body that all others are made of."""
FIRST_OLD = 1 << 32
"""Bodies from this number on are old: prunes take them away, so nobody looks for them."""
OLD_DAYS, KEEP_DAYS = 30, 7
LONGEST_SECONDS = 2.5
DAY_NS = 86_400 * 10**9
STORED = """
select left(trace_id, 16) as body, count(*) as spans, count(distinct (trace_id, span_id)) as different
from spans group by all
"""


@dataclass
class Load:
    """Numbered bodies, sent until each is acknowledged."""

    url: str
    recent: bytes
    old: bytes
    running: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    acknowledged: set[int] = field(default_factory=set)
    again: int = 0
    failed: bool = False

    def send(self, numbers: Iterator[int]) -> None:
        with httpx.Client(base_url=self.url, timeout=30) as http:
            for number in numbers:
                self.running.wait()
                if self.over.is_set():
                    return
                body = (self.old if number >= FIRST_OLD else self.recent).replace(
                    PREFIX, number.to_bytes(8, "big")
                )
                while not _acknowledged(http, body):
                    if self.over.is_set() and self.failed:
                        return
                    self.again += 1
                    time.sleep(0.02)
                    self.running.wait()
                self.acknowledged.add(number)


def measure() -> list[Figure]:
    chance = random.Random(1)
    kinds: Counter[str] = Counter()
    restarts: list[float] = []
    with tempfile.TemporaryDirectory() as data:
        process, url, _ = _started(Path(data), 0)
        load = Load(url, _body(days_ago=0), _body(days_ago=OLD_DAYS))
        with ThreadPoolExecutor(SENDERS + 1) as pool:
            recent = count(1)
            sending = [pool.submit(load.send, recent) for _ in range(SENDERS)]
            sending.append(pool.submit(load.send, count(FIRST_OLD)))
            try:
                for number in range(KILLS):
                    load.running.set()
                    kinds[_at_a_moment(number, chance, load.url, Path(data))] += 1
                    process.kill()
                    process.communicate()
                    load.running.clear()
                    process, _, seconds = _started(Path(data), int(url.rpartition(":")[2]))
                    restarts.append(seconds)
                    _check(load, kinds)
            except BaseException:  # also Ctrl-C: the senders must learn that nobody starts a collector again
                load.failed = True
                raise
            finally:
                load.over.set()
                load.running.set()
            for sender in sending:
                sender.result()
        _check(load, kinds)
        sent = {number for number in load.acknowledged if number < FIRST_OLD}
        stored = {number for number in _stored(load.url) if number < FIRST_OLD}
        assert stored == sent, f"{len(stored ^ sent)} bodies are stored and not sent, or sent and not stored"
        process.terminate()
        process.communicate()
    return [
        Figure(
            f"{KILLS} × kill -9 under load ({kinds['checkpoint']} at a checkpoint, {kinds['prune']} at a prune)",
            f"{len(sent) * SPANS_PER_BODY:,} spans acknowledged, 0 lost, 0 twice",
            "acknowledged = stored, exactly once",
        ),
        Figure("bodies sent again because of it", f"{load.again:,} attempts without an acknowledgement"),
        Figure(
            "from a start after a kill to the first request taken",
            f"p50 {median(restarts):.1f} s, longest {max(restarts):.1f} s",
        ),
    ]


def _at_a_moment(number: int, chance: random.Random, url: str, data: Path) -> str:
    """Waits for a moment of some kind; what it came to be."""
    time.sleep(chance.uniform(0.2, LONGEST_SECONDS))
    if number % 5 == 0 and _seen(data / "traces.duckdb.wal.checkpoint", data / "traces.duckdb.wal"):
        time.sleep(chance.uniform(0, 0.3))
        return "checkpoint"
    if number % 5 == 1:
        threading.Thread(target=_prune, args=(url,), daemon=True).start()
        if _seen(data / "traces.duckdb.compacting"):
            time.sleep(chance.uniform(0, 0.8))
        return "prune"
    return "any"


def _seen(file: Path, large: Path | None = None) -> bool:
    """Whether `file` appears soon, or `large` is about to be written into the store."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        with suppress(FileNotFoundError):
            if file.exists() or (large and large.stat().st_size > 60e6):
                return True
        time.sleep(0.002)
    return False


def _prune(url: str) -> None:
    with CollectorClient(url) as client, suppress(CollectorError):
        client.prune(keep_days=KEEP_DAYS, dry_run=False)


def _check(load: Load, kinds: Counter[str]) -> None:
    stored = _stored(load.url)
    lost = {number for number in load.acknowledged if number < FIRST_OLD} - stored.keys()
    torn = {number: spans for number, spans in stored.items() if not _is_whole(number, *spans)}
    assert not lost, f"after {kinds.total()} kills {len(lost)} acknowledged bodies are not stored"
    assert not torn, f"after {kinds.total()} kills bodies are stored in part or twice: {torn}"


def _is_whole(number: int, spans: int, different: int) -> bool:
    """A prune that was killed has taken some traces of an old body, whole ones."""
    left = {SPANS_PER_BODY} if number < FIRST_OLD else range(0, SPANS_PER_BODY + 1, SPANS_PER_TRACE)
    return spans == different and spans in left


def _stored(url: str) -> dict[int, tuple[int, int]]:
    """Spans, and different spans, by the body's number."""
    with CollectorClient(url) as client:
        answer = client.sql(STORED, row_limit=1_000_000, seconds=60)
        assert not answer.is_cut
        return {int(row["body"], 16): (row["spans"], row["different"]) for row in answer.table.to_pylist()}


def _acknowledged(http: httpx.Client, body: bytes) -> bool:
    with suppress(httpx.HTTPError):
        return http.post(
            "/v1/traces", content=body, headers={"content-type": "application/x-protobuf"}
        ).is_success
    return False


def _body(*, days_ago: int) -> bytes:
    """A body whose trace ids all begin with PREFIX, as old as that."""
    request = ExportTraceServiceRequest.FromString(next(bodies(SPANS_PER_BODY, days=1)))
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                span.trace_id = PREFIX + span.trace_id[8:]
                span.start_time_unix_nano -= days_ago * DAY_NS
                span.end_time_unix_nano -= days_ago * DAY_NS
    return request.SerializeToString()


def _started(data: Path, port: int) -> tuple[subprocess.Popen[bytes], str, float]:
    """The collector's process, its address, and how long it took to answer."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "cli.main", "collect", "--grpc-port", "off"]
    command += ["--data", str(data), "--port", str(port)]
    with (data / "collector.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout
    first_line = process.stdout.readline().decode()
    found = [word for word in first_line.split() if word.startswith("http://")]
    assert found, f"the collector did not start again: {first_line}"
    with CollectorClient(found[0]) as client:
        client.health()
    return process, found[0], time.perf_counter() - began
