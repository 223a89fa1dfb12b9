"""A process beside the collector's decodes as the collector itself would, and can be lost at any moment."""

import gzip
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import grpc
import httpx
import pytest
from google.protobuf import json_format
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.content.policy import ContentPolicy
from collector.decoding.beside import DecodingBeside, is_of_use
from collector.decoding.decoder import LARGEST_BESIDE, Decoder
from collector.decoding.handover import Body
from collector.decoding.worker_process import WorkerGone, WorkerProcess
from collector.receivers.budget import ByteBudget
from collector.receivers.doors import Doors
from collector.receivers.inflate import BODY_LIMIT, CompressedBody, PlainBody
from collector.sending.lost_spans import say_lost
from tests.collector.receivers.test_body_limit import EXPORT
from tests.collector.running import PROTOBUF, CollectorProcess, running_collector, wait_until
from tests.otlp_traces import all_traces, export_request, moa_trace, span, trace_hex

pytestmark = pytest.mark.skipif(not is_of_use(), reason="there is one core alone")

MIB = 1024 * 1024
SECRET = "a-secret-of-the-environment"
LETTER = "write to me@example.com, ref-4711, or with " + SECRET


@contextmanager
def beside(policy: ContentPolicy | None = None, **more) -> Iterator[DecodingBeside]:
    """One whose process is there."""
    made = DecodingBeside(policy or ContentPolicy(), **more)
    try:
        made.start()
        wait_until(lambda: made.pid is not None)
        yield made
    finally:
        made.close()


def request():
    """Spans of ours and of others, one that is refused, a number no JSON has, and what was lost before."""
    made = export_request(
        [
            *all_traces(),
            span("odd", number=77, attributes={"nan": float("nan"), "letter": LETTER, "bytes": b"\xff"}),
            Span(name="no ids"),
        ]
    )
    say_lost(made, 3)
    return made


def sent(kind: str) -> tuple[str, bool, bytes]:
    protobuf = request().SerializeToString()
    if kind == "json":
        return "json", False, otlp_json()
    return "protobuf", kind == "gzip", gzip.compress(protobuf) if kind == "gzip" else protobuf


def otlp_json() -> bytes:
    """Its ids in hex, as OTLP has them."""
    made = json_format.MessageToDict(request())
    for resource, told in zip(made["resourceSpans"], request().resource_spans, strict=True):
        for scope, told_scope in zip(resource["scopeSpans"], told.scope_spans, strict=True):
            for each, one in zip(scope["spans"], told_scope.spans, strict=True):
                ids = {"traceId": one.trace_id, "spanId": one.span_id, "parentSpanId": one.parent_span_id}
                each.update({key: value.hex() for key, value in ids.items()})
    return json.dumps(made).encode()


def arrived(compressed: bool, body: bytes, limit: int = BODY_LIMIT) -> PlainBody | CompressedBody:
    made = (CompressedBody if compressed else PlainBody)(limit, ByteBudget().share())
    made.feed(body)
    return made


def told(made) -> tuple:
    """All that is stored and answered, but for the moment of landing."""
    batch = made.batch
    table = batch.spans().drop(["landed_ns"])
    return table.to_pylist(), batch.resources, batch.scopes, batch.rejected, batch.wire_bytes, made.lost


@pytest.mark.parametrize("content", ["full", "redacted", "none"])
def test_rows_are_the_same_wherever_they_are_made(tmp_path, monkeypatch, content):
    monkeypatch.setenv("THEIR_API_KEY", SECRET)
    patterns = tmp_path / "patterns"
    patterns.write_text("ref-[0-9]+\n")
    policy = ContentPolicy(content, patterns)
    with beside(policy) as there:
        for kind in ("protobuf", "gzip", "json"):
            encoding, compressed, body = sent(kind)
            made = there.decoded(Body(encoding, compressed, BODY_LIMIT, body))
            here = Decoder(policy).decoded(encoding, arrived(compressed, body))

            assert made is not None
            assert told(made) == told(here)
            assert (len(made.batch), len(made.batch.rejected), made.lost) == (22, 1, 3)
            written = str(told(made))
            assert (SECRET in written, "ref-4711" in written) == (content == "full", content == "full")


def test_what_it_cannot_decode_is_told_in_the_collectors_own_words_and_holds_nobody_up():
    good = request().SerializeToString()
    bomb = gzip.compress(bytes(2 * LARGEST_BESIDE))
    with beside() as there:
        pid = there.pid
        for bad in (
            Body("protobuf", False, BODY_LIMIT, b"no protobuf"),
            Body("json", False, BODY_LIMIT, b"{"),
            Body("protobuf", True, LARGEST_BESIDE, bomb),
            Body("protobuf", True, BODY_LIMIT, b"\x1f\x8b no gzip"),
        ):
            assert there.decoded(bad) is None
        assert there.decoded(Body("protobuf", False, BODY_LIMIT, good)) is not None
        assert there.pid == pid


def test_larger_bodies_and_those_that_unpack_to_more_are_decoded_here():
    large = export_request([span("large", attributes={"text": "x" * LARGEST_BESIDE})]).SerializeToString()
    with beside() as there:
        decoder = Decoder(ContentPolicy(), there)
        for compressed, body in ((False, large), (True, gzip.compress(large))):
            made = decoder.decoded("protobuf", arrived(compressed, body))
            assert (len(made.batch), made.batch.wire_bytes) == (1, len(large))


def test_a_body_in_its_hands_as_it_is_killed_is_told_to_be_lost():
    body = Body("protobuf", False, BODY_LIMIT, request().SerializeToString())
    worker = WorkerProcess(ContentPolicy(), 60)
    os.kill(worker.pid, signal.SIGSTOP)
    answers = [worker.submit(body) for _ in range(3)]
    os.kill(worker.pid, signal.SIGKILL)

    for answer in answers:
        with pytest.raises(WorkerGone):
            answer.result(60)
    with pytest.raises(WorkerGone):
        worker.submit(body)
    assert worker.close() == -signal.SIGKILL


def test_one_that_does_not_answer_is_ended_and_the_next_waits(caplog):
    body = Body("protobuf", False, BODY_LIMIT, request().SerializeToString())
    with beside(seconds_to_answer=0.2) as there:
        os.kill(there.pid, signal.SIGSTOP)
        assert there.decoded(body) is None
        assert there.pid is None
        there.start()
        assert there.pid is None
    assert "ended with -9" in caplog.text


def test_it_ends_when_nothing_comes_and_another_follows_when_there_is_much_again(caplog):
    body = Body("protobuf", False, BODY_LIMIT, request().SerializeToString())
    with beside(seconds_idle=0.0) as there:
        first = there.pid
        # The body may still come in time; after it, it is over.
        wait_until(lambda: there.decoded(body) is None)
        there.start()
        wait_until(lambda: there.pid not in (None, first))
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_without_it_a_collector_goes_on(monkeypatch, caplog):
    monkeypatch.setattr(sys, "executable", "/there/is/none")
    there = DecodingBeside(ContentPolicy())
    there.start()
    there.close()

    assert there.pid is None
    assert "in one process" in caplog.text


def test_bodies_of_a_process_that_dies_are_stored_over_http_and_over_grpc(tmp_path):
    with (
        running_collector(tmp_path / "data", Doors(grpc_port=0)) as collector,
        grpc.insecure_channel(collector.inside.grpc) as channel,
        ThreadPoolExecutor(2) as senders,
    ):
        inside = collector.inside.beside
        inside.start()
        wait_until(lambda: inside.pid is not None)
        assert collector.send(moa_trace(1)).status_code == 200
        os.kill(inside.pid, signal.SIGSTOP)
        answers = [
            senders.submit(collector.send, moa_trace(2)),
            senders.submit(channel.unary_unary(EXPORT), export_request(moa_trace(3)).SerializeToString()),
        ]
        os.kill(inside.pid, signal.SIGKILL)
        statuses = [answer.result(60) for answer in answers]

        assert statuses[0].status_code == 200
        stored = [collector.ask("trace_spans", trace_id=trace_hex(trace)) for trace in (1, 2, 3)]
        assert [len(spans) for spans in stored] == [7, 7, 7]
        assert inside.pid is None


def test_a_large_span_is_odd_over_grpc_too(tmp_path):
    large = export_request([span("large", attributes={"text": "x" * (MIB + 1)})]).SerializeToString()
    with (
        running_collector(tmp_path / "data", Doors(grpc_port=0)) as collector,
        grpc.insecure_channel(collector.inside.grpc) as channel,
    ):
        channel.unary_unary(EXPORT)(large)
        # Told of after the acknowledgement.
        wait_until(lambda: collector.inside.oddities.counts() == {"larger than 1 MB": 1})


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds children in /proc")
def test_much_at_once_starts_it_and_it_ends_with_a_killed_collector_which_loses_nothing(tmp_path):
    acknowledged: list[int] = []
    with ThreadPoolExecutor(6) as senders, CollectorProcess(tmp_path) as process:
        numbers = count(1)
        for _ in range(6):
            senders.submit(keep_sending, process.url, numbers, acknowledged)
        wait_until(lambda: bool(children(process.pid)))
        [worker] = children(process.pid)
        goal = len(acknowledged) + 10
        wait_until(lambda: len(acknowledged) >= goal)
        process.kill()
    wait_until(lambda: has_ended(worker))

    with CollectorProcess(tmp_path) as again, again.client() as client:
        health = client.health()
        kept = [client.ask("trace_spans", trace_id=trace_hex(number)).num_rows for number in acknowledged]

    assert set(kept) == {7}
    assert health.spans == 7 * health.traces


def keep_sending(url: str, numbers: Iterator[int], acknowledged: list[int]) -> None:
    """Until the collector is gone. Bodies of about a megabyte, of ten runs each."""
    padded = {"service.name": "benchmark", "padding": "x" * MIB}
    while True:
        first = 10 * next(numbers)
        spans = [one for number in range(first, first + 10) for one in moa_trace(number)]
        body = export_request(spans, resource=padded).SerializeToString()
        try:
            answer = httpx.post(f"{url}/v1/traces", content=body, headers=PROTOBUF)
        except httpx.HTTPError:
            return
        if answer.status_code == 200:
            acknowledged.append(first)


def children(pid: int) -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if state(folder)[1:2] == [str(pid)]]


def has_ended(pid: int) -> bool:
    return state(Path(f"/proc/{pid}"))[:1] in ([], ["Z"])


def state(folder: Path) -> list[str]:
    """A process's state, its parent and so on; nothing where it is gone."""
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
