"""OTLP/gRPC, over a real socket, answered as OTLP/HTTP is."""

import socket
import threading
import zlib

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from collector.client import CollectorClient
from collector.errors import QueueFull, StoreError, UnstorableSpans
from collector.receivers import grpc_receiver
from collector.receivers.doors import Doors
from tests.collector.running import CollectorProcess, running_collector
from tests.otlp_traces import all_traces, export_request, moa_trace, span

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
SMALL = 1024 * 1024


@pytest.fixture
def collector(tmp_path):
    with running_collector(tmp_path / "data", Doors(grpc_port=0, body_limit=SMALL)) as running:
        yield running


@pytest.fixture
def channel(collector):
    with grpc.insecure_channel(collector.inside.grpc) as opened:
        yield opened


def spans_of(collector) -> int:
    with CollectorClient(collector.url) as client:
        return client.health().spans


def raw(channel, body: bytes, compression=None) -> ExportTraceServiceResponse:
    """The bytes as they are, in gRPC's envelope."""
    return ExportTraceServiceResponse.FromString(channel.unary_unary(EXPORT)(body, compression=compression))


@pytest.mark.parametrize(
    "compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate]
)
def test_spans_are_stored_and_acknowledged(collector, channel, compression):
    answer = TraceServiceStub(channel).Export(export_request(all_traces()), compression=compression)

    assert not answer.HasField("partial_success")
    assert spans_of(collector) == 21


def test_what_came_by_http_already_changes_nothing(collector, channel):
    collector.send(moa_trace())
    TraceServiceStub(channel).Export(export_request(moa_trace()))

    assert spans_of(collector) == 7


def test_an_empty_request_is_a_success(channel):
    assert raw(channel, b"") == ExportTraceServiceResponse()


def test_bad_spans_are_named_and_the_good_ones_kept(collector, channel):
    bad = span("bad", number=2)
    bad.trace_id = b"\1"

    partial = TraceServiceStub(channel).Export(export_request([span("good"), bad])).partial_success

    assert partial.rejected_spans == 1
    assert partial.error_message.startswith("1 of 2 spans rejected: span 'bad': trace id '01'")
    assert spans_of(collector) == 1


@pytest.mark.parametrize(
    "body", [b"\xff\xff nonsense", b"\x1f\x8b nonsense", zlib.compress(b"nonsense"), b"\x1f\x8b"]
)
def test_what_is_not_otlp_is_an_invalid_argument_and_final(channel, body):
    with pytest.raises(grpc.RpcError) as refused:
        raw(channel, body)

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "body" in refused.value.details()
    assert retry_info(refused.value) is None


def test_too_large_a_message_is_refused_however_small_it_was_sent(collector, channel):
    message = bytes(2 * SMALL)

    for compression, code in [
        (grpc.Compression.Gzip, grpc.StatusCode.INVALID_ARGUMENT),
        # This one is gRPC's own word.
        (grpc.Compression.NoCompression, grpc.StatusCode.RESOURCE_EXHAUSTED),
    ]:
        with pytest.raises(grpc.RpcError) as refused:
            raw(channel, message, compression)
        assert refused.value.code() is code
        assert retry_info(refused.value) is None


@pytest.mark.parametrize(
    ("fault", "code", "seconds"),
    [
        (QueueFull(), grpc.StatusCode.RESOURCE_EXHAUSTED, 1),
        (StoreError("disk full"), grpc.StatusCode.UNAVAILABLE, 1),
        (UnstorableSpans("no"), grpc.StatusCode.INVALID_ARGUMENT, None),
    ],
)
def test_a_passing_fault_says_when_to_come_back(collector, channel, monkeypatch, fault, code, seconds):
    def failing(batch):
        raise fault

    monkeypatch.setattr(collector.inside.commits, "submit", failing)
    with pytest.raises(grpc.RpcError) as refused:
        TraceServiceStub(channel).Export(export_request(moa_trace()))

    assert (refused.value.code(), refused.value.details()) == (code, str(fault))
    assert retry_info(refused.value) == seconds
    # What failed once is tried again, and is there once.
    monkeypatch.undo()
    TraceServiceStub(channel).Export(export_request(moa_trace()))
    assert spans_of(collector) == 7


def retry_info(error) -> int | None:
    """Seconds, where gRPC's clients look for them, and where OpenTelemetry's Python exporter does."""
    trailers = dict(error.trailing_metadata())
    if "grpc-status-details-bin" not in trailers:
        assert "google.rpc.retryinfo-bin" not in trailers
        return None
    status = Status.FromString(trailers["grpc-status-details-bin"])
    assert (status.code, status.message) == (error.code().value[0], error.details())
    retry = RetryInfo()
    assert status.details[0].Unpack(retry)
    assert RetryInfo.FromString(trailers["google.rpc.retryinfo-bin"]) == retry
    return retry.retry_delay.seconds


def test_other_services_are_unimplemented(channel):
    metrics = channel.unary_unary("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")

    with pytest.raises(grpc.RpcError) as refused:
        metrics(b"")

    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_port_that_somebody_else_has_leaves_http_as_it_is(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with CollectorProcess(tmp_path, "--grpc-port", str(taken)) as process, process.client() as client:
            said = f"off, as port {taken} is in use"
            assert f"(gRPC: {said})" in process.first_line
            assert client.health().grpc == said
            assert process.stop() == (0, "")


def test_two_collectors_never_share_a_port(tmp_path):
    with CollectorProcess(tmp_path / "one", "--grpc-port", "0") as one, one.client() as client:
        taken = client.health().grpc.rpartition(":")[2]
        with CollectorProcess(tmp_path / "two", "--grpc-port", taken) as two, two.client() as other:
            assert other.health().grpc == f"off, as port {taken} is in use"


def test_a_port_that_is_none_is_one_sentence(tmp_path):
    code, errors = CollectorProcess(tmp_path, "--grpc-port", "many").close_input()

    assert code == 2
    assert "'many' is neither a port nor off" in errors


def test_messages_that_do_not_come_are_given_up_and_leave_room_for_others(collector, channel, monkeypatch):
    monkeypatch.setattr(grpc_receiver, "SECONDS_TO_READ", 0.2)
    ended = threading.Event()

    def never():
        ended.wait()
        yield b""

    export = channel.stream_unary(EXPORT)
    stalled = [export.future(never()) for _ in range(2 * grpc_receiver.MOST_READ_AT_ONCE)]
    refused = [call.exception(timeout=60) for call in stalled]
    ended.set()
    monkeypatch.setattr(grpc_receiver, "SECONDS_TO_READ", 60)

    assert {error.code() for error in refused} == {grpc.StatusCode.UNAVAILABLE}
    assert {retry_info(error) for error in refused} == {1}
    TraceServiceStub(channel).Export(export_request(moa_trace()))
    assert spans_of(collector) == 7
