"""A collector to talk to, in this process or in one of its own."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.client import CollectorClient
from collector.content.policy import ContentPolicy
from collector.receivers.doors import Doors, authority, listening_socket
from collector.server import Collector, serve
from collector.spans.otlp_export import traces_data
from tests.otlp_traces import export_request

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}
DICE = random.SystemRandom()
"""Whoever seeds the other one, in each of several processes that test side by side, would get the same ports."""
EVERYTHING = {"since_ns": 0, "until_ns": 2**63 - 1}


@dataclass(frozen=True, slots=True)
class RunningCollector:
    url: str
    data: Path
    inside: Collector

    def post(self, body: bytes, headers: dict[str, str] = PROTOBUF) -> httpx.Response:
        return httpx.post(f"{self.url}/v1/traces", content=body, headers=headers)

    def send(self, spans, **more) -> httpx.Response:
        return self.post(export_request(spans, **more).SerializeToString())

    @property
    def statements(self) -> int:
        """How many questions and statements the engine is at work on, counted without asking for a place among them."""
        return sum(thread.name == "query-limit" for thread in threading.enumerate())

    def ask(self, name: str, **parameters: object) -> list[dict]:
        with CollectorClient(self.url) as client:
            return client.ask(name, **parameters).to_pylist()

    def stored(self, trace_id: str) -> dict[str, Span]:
        """The spans of a trace by their names, as they came."""
        rows = self.ask("trace_otlp", trace_id=trace_id)
        spans = (
            span
            for resource_spans in traces_data(rows).resource_spans
            for scope_spans in resource_spans.scope_spans
            for span in scope_spans.spans
        )
        return {span.name: span for span in spans}


@contextmanager
def running_collector(
    data: Path, doors: Doors | None = None, policy: ContentPolicy | None = None
) -> Generator[RunningCollector]:
    """A collector in this process, on free ports; without gRPC unless `doors` asks for it."""
    listener = listening_socket(0)
    running = Collector(data, policy=policy)
    stop, ready = threading.Event(), threading.Event()
    options = {"doors": doors, "announce": ready.set, "stop": stop}
    thread = threading.Thread(target=serve, args=(running, listener), kwargs=options)
    thread.start()
    assert ready.wait(60)
    try:
        yield RunningCollector(f"http://{authority(listener)}", data, running)
    finally:
        stop.set()
        thread.join()


class CollectorProcess:
    """`composite-llm collect` in a process of its own. Ends with the `with` block."""

    def __init__(
        self,
        data: Path,
        *options: str,
        port: int = 0,
        environment: dict[str, str] | None = None,
        composite_llm: Sequence[str] = (sys.executable, "-m", "cli.main"),
    ) -> None:
        self.data = data
        self._process = subprocess.Popen(
            [*composite_llm, "collect", "--data", str(data), "--port", str(port), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # No test takes the port that a real collector may have.
            env={"COMPOSITE_LLM_GRPC_PORT": "off", **os.environ, **(environment or {})},
        )
        assert self._process.stdout
        self.first_line = self._process.stdout.readline().decode()
        found = re.search(r"http://\S+", self.first_line)
        self.url = found[0] if found else ""
        self.port = int(self.url.rpartition(":")[2]) if found else 0
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        if not self.url:
            raise AssertionError(f"the collector did not start: {self._finished()}")
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._process.poll() is None:
                self.stop()
        finally:
            self._process.kill()
            with self._process:
                pass  # closes its pipes, also where it ended by itself

    def client(self) -> CollectorClient:
        return CollectorClient(self.url)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self._finished()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        os.kill(self.pid, number)
        return self._finished()

    def close_input(self) -> tuple[int, str]:
        return self._finished()

    def _finished(self) -> tuple[int, str]:
        """Exit code and standard error."""
        _, errors = self._process.communicate(timeout=60)
        return self._process.returncode, errors.decode()


def free_port() -> int:
    """Below the ports that the system itself gives to clients: one of those may be gone before it is used."""
    while True:
        port = DICE.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def child(command: Sequence[str | Path], **options: Any) -> Generator[subprocess.Popen[bytes]]:
    """A process that does not outlive the block: a test that fails leaves nothing for the next one to trip over."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(condition: Callable[[], bool], seconds: float = 180) -> None:
    """The time is for a machine that is busy with other tests; who waits for long has failed."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
