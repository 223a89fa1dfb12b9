"""From a program's spans to the collector or the spool, over real sockets."""

import gzip
import http.server
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.trace import sampling

from collector.sending import delivery, exporter, spilling
from collector.sending.exporter import ProgramTracerProvider
from collector.sending.lost_spans import lost_before
from collector.spool.folder import Spool
from tests.collector.running import CollectorProcess, child, free_port, wait_until

PROTOBUF = "application/x-protobuf"


@dataclass
class StandIn:
    """A server that answers every POST the same way and remembers what came."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def span_names(self) -> list[str]:
        return names_in(gzip.decompress(body) for body in self.bodies)


def names_in(bodies) -> list[str]:
    requests = (ExportTraceServiceRequest.FromString(body) for body in bodies)
    return [
        span.name
        for request in requests
        for resource_spans in request.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]


def spooled_names(data: Path) -> list[str]:
    return names_in(gzip.decompress(file.read_bytes()) for file in Spool(data).waiting())


@pytest.fixture
def stand_in() -> Iterator:
    """Starts a server on call: `stand_in(status, body, content_type, hang=…)`."""
    servers = []
    let_go = threading.Event()

    def start(status=200, body=b"", content_type=PROTOBUF, *, hang=False, extra=()) -> StandIn:
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                seen.bodies.append(self.rfile.read(int(self.headers["content-length"])))
                seen.headers.append(dict(self.headers))
                if hang:
                    let_go.wait(60)
                    return
                self.send_response(status)
                self.send_header("content-type", content_type)
                self.send_header("content-length", str(len(body)))
                for name, value in extra:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Stays quiet."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        seen = StandIn(f"http://127.0.0.1:{server.server_port}")
        return seen

    yield start
    let_go.set()
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program's tracer provider, pointed at a collector's address."""
    providers = []

    def started(url: str) -> ProgramTracerProvider:
        monkeypatch.setenv("COMPOSITE_LLM_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", url)
        providers.append(ProgramTracerProvider())
        return providers[-1]

    yield started
    for provider in providers:
        provider.shutdown()


@pytest.fixture
def data(tmp_path) -> Path:
    return tmp_path / "data"


def record(provider, *names: str) -> None:
    for name in names:
        provider.get_tracer("test").start_span(name).end()
    provider.force_flush()


def test_spans_reach_a_collector_as_gzipped_protobuf(program, stand_in, data):
    server = stand_in()
    record(program(server.url), "a", "b")

    assert server.span_names() == ["a", "b"]
    assert server.headers[0]["content-type"] == PROTOBUF
    assert spooled_names(data) == []


@pytest.mark.parametrize("status", [201, 302, 400, 404, 413, 429, 500, 502, 503])
def test_whatever_is_no_200_goes_to_the_spool(program, stand_in, data, status):
    elsewhere = stand_in()
    server = stand_in(status, extra=[("location", f"{elsewhere.url}/v1/traces")])
    record(program(server.url), "a", "b")

    assert spooled_names(data) == ["a", "b"]
    assert elsewhere.bodies == []


@pytest.mark.parametrize(("body", "content_type"), [(b"<html>", "text/html"), (b"\xff\xff", PROTOBUF)])
def test_a_200_from_a_server_that_speaks_no_otlp_goes_to_the_spool(
    program, stand_in, data, body, content_type
):
    record(program(stand_in(200, body, content_type).url), "a")

    assert spooled_names(data) == ["a"]


def test_with_nobody_there_spans_go_to_the_spool(program, data):
    record(program(f"http://127.0.0.1:{free_port()}"), "a", "b")

    assert spooled_names(data) == ["a", "b"]


def test_a_server_that_hangs_is_waited_for_once(program, stand_in, data, monkeypatch):
    monkeypatch.setattr(delivery, "SECONDS_TO_ANSWER", 0.3)
    monkeypatch.setattr(delivery, "SECONDS_OF_REST", 600)
    server = stand_in(hang=True)
    provider = program(server.url)

    for name in ("a", "b0", "b1", "b2", "b3", "b4"):
        record(provider, name)
    wait_until(lambda: server.bodies)

    assert len(server.bodies) == 1
    assert spooled_names(data) == ["a", "b0", "b1", "b2", "b3", "b4"]


def test_after_its_rest_the_collector_is_tried_again(program, stand_in, data, monkeypatch):
    monkeypatch.setattr(delivery, "SECONDS_OF_REST", 0.1)
    port = free_port()
    provider = program(f"http://127.0.0.1:{port}")
    record(provider, "away")
    assert spooled_names(data) == ["away"]

    with CollectorProcess(data, port=port) as back, back.client() as client:
        record(provider, "back")
        wait_until(lambda: (client.health().spans, client.health().spool_files) == (2, 0))


def test_an_outage_is_logged_once_not_once_a_batch(program, data, caplog):
    provider = program(f"http://127.0.0.1:{free_port()}")
    for number in range(5):
        record(provider, f"a{number}")

    assert len([each for each in caplog.records if each.name == "collector.sending.delivery"]) == 1


def test_what_a_collector_rejects_is_logged_with_its_reason(program, stand_in, data, caplog):
    answer = ExportTraceServiceResponse()
    answer.partial_success.rejected_spans = 1
    answer.partial_success.error_message = "span 'a': no id"
    record(program(stand_in(200, answer.SerializeToString()).url), "a")

    assert "span 'a': no id" in caplog.text
    assert spooled_names(data) == []


def lost_in(requests) -> int:
    return sum(map(lost_before, requests))


def requests_in(bodies) -> list[ExportTraceServiceRequest]:
    return [ExportTraceServiceRequest.FromString(gzip.decompress(body)) for body in bodies]


def test_while_even_the_spool_fails_spans_wait_in_memory(program, data, caplog):
    data.write_text("a file where the folder should be")
    provider = program(f"http://127.0.0.1:{free_port()}")
    record(provider, "a")
    record(provider, "b")
    data.unlink()
    record(provider, "c")

    assert spooled_names(data) == ["a", "b", "c"]
    assert len([each for each in caplog.records if "cannot be written" in each.message]) == 1
    assert "lost" not in caplog.text


def test_what_no_memory_holds_is_lost_loudly_and_the_next_batch_says_how_much(
    program, data, caplog, monkeypatch
):
    monkeypatch.setattr(exporter, "MOST_BYTES_WAITING", 0)
    data.write_text("a file where the folder should be")
    provider = program(f"http://127.0.0.1:{free_port()}")
    record(provider, "a", "b")
    record(provider, "c")
    data.unlink()
    record(provider, "d")

    assert spooled_names(data) == ["d"]
    assert lost_in(requests_in(file.read_bytes() for file in Spool(data).waiting())) == 3
    assert len([each for each in caplog.records if each.message.startswith("lost 2 spans")]) == 1


def test_what_waits_when_the_program_ends_is_lost_loudly(program, data, caplog):
    data.write_text("a file where the folder should be")
    provider = program(f"http://127.0.0.1:{free_port()}")
    record(provider, "a")
    provider.shutdown()

    assert "lost 1 spans or more: neither a collector nor the spool" in caplog.text


def test_spans_that_come_faster_than_they_can_be_sent_go_to_the_spool(program, stand_in, data, monkeypatch):
    monkeypatch.setattr(spilling, "MOST_SPANS_WAITING", 100)
    monkeypatch.setattr(delivery, "SECONDS_TO_ANSWER", 2.0)
    provider = program(stand_in(hang=True).url)
    tracer = provider.get_tracer("test")
    for number in range(150):
        tracer.start_span(f"{number}").end()
    provider.force_flush()

    assert sorted(spooled_names(data), key=int) == [f"{number}" for number in range(150)]


def test_what_finds_no_room_is_counted_to_the_last_span(program, data, monkeypatch, caplog):
    monkeypatch.setattr(spilling, "MOST_SPANS_WAITING", 64)
    provider = program(f"http://127.0.0.1:{free_port()}")
    tracer = provider.get_tracer("test")
    for _ in range(5000):
        tracer.start_span("a").end()
    provider.force_flush()
    record(provider, "last")

    requests = requests_in(file.read_bytes() for file in Spool(data).waiting())
    kept = len(spooled_names(data))
    assert kept + lost_in(requests) == 5001
    assert ("lost" in caplog.text) == (kept < 5001)


def test_a_batch_that_is_too_large_for_one_request_is_sent_in_several(program, stand_in, monkeypatch):
    monkeypatch.setattr(exporter, "MOST_BYTES_A_BODY", 2000)
    seen = stand_in()
    provider = program(seen.url)
    for number in range(4):
        provider.get_tracer("test").start_span(f"{number}", attributes={"text": "x" * 900}).end()
    provider.force_flush()

    assert sorted(seen.span_names()) == ["0", "1", "2", "3"]
    assert all(len(names_in([gzip.decompress(body)])) <= 2 for body in seen.bodies)


def test_every_span_is_kept_whatever_was_decided_about_its_parent(program, stand_in):
    server = stand_in()
    provider = program(server.url)
    dropped = trace.SpanContext(1, 2, is_remote=True, trace_flags=trace.TraceFlags(0))
    parent = trace.set_span_in_context(trace.NonRecordingSpan(dropped))

    provider.get_tracer("test").start_span("child", context=parent).end()
    provider.force_flush()

    assert server.span_names() == ["child"]
    assert provider.sampler is sampling.ALWAYS_ON


def test_the_resource_names_the_program_and_the_environment_comes_first(program, stand_in, monkeypatch):
    ours = dict(program(stand_in().url).resource.attributes)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging,service.version=7")
    theirs = dict(program(stand_in().url).resource.attributes)

    assert ours["service.name"] == ours["openinference.project.name"] == "composite-llm"
    assert ours["service.version"]
    assert theirs["service.name"] == "shop"
    assert theirs["service.version"] == "7"
    assert theirs["deployment.environment.name"] == "staging"


def test_it_is_found_by_opentelemetrys_entry_point():
    from importlib.metadata import entry_points

    [found] = entry_points(group="opentelemetry_tracer_provider", name="composite_llm")

    assert found.load() is ProgramTracerProvider


def run_program(code: str, data: Path, url: str) -> AbstractContextManager[subprocess.Popen]:
    environment = {**os.environ, "COMPOSITE_LLM_DATA": str(data), "COMPOSITE_LLM_COLLECTOR": url}
    return child([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)


def test_a_program_that_just_ends_has_flushed(stand_in, data):
    server = stand_in()
    code = """
from collector.sending.exporter import ProgramTracerProvider
tracer = ProgramTracerProvider().get_tracer("test")
for number in range(200):
    tracer.start_span(f"a{number}").end()
"""

    with run_program(code, data, server.url) as process:
        assert process.wait(60) == 0

    assert server.span_names() == [f"a{number}" for number in range(200)]


def test_what_was_flushed_survives_the_kill_of_the_program_and_lands_once(data):
    port = free_port()
    code = """
import time
from collector.sending.exporter import ProgramTracerProvider
provider = ProgramTracerProvider()
for number in range(200):
    provider.get_tracer("test").start_span(f"a{number}").end()
provider.force_flush()
print("flushed", flush=True)
time.sleep(60)
"""
    with run_program(code, data, f"http://127.0.0.1:{port}") as process:
        assert process.stdout.readline() == b"flushed\n"
        os.kill(process.pid, signal.SIGKILL)

    with CollectorProcess(data, port=port) as later, later.client() as client:
        wait_until(lambda: client.health().spool_files == 0)
        health = client.health()

    assert (health.spans, health.spans_duplicate) == (200, 0)


def test_importing_the_exporter_is_light():
    code = "import collector.sending.exporter, sys; print(sorted({'httpx', 'duckdb', 'pyarrow', 'pandas'} & set(sys.modules)))"

    assert subprocess.check_output([sys.executable, "-c", code]) == b"[]\n"


def test_the_outage_of_a_collector_is_no_secret(program, caplog):
    port = free_port()
    with caplog.at_level(logging.WARNING):
        record(program(f"http://127.0.0.1:{port}"), "a")

    assert (
        f"spans go to the spool for now: http://127.0.0.1:{port}/v1/traces cannot be reached" in caplog.text
    )
