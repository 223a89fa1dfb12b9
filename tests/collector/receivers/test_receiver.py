"""`POST /v1/traces`, over a real socket."""

import gzip
import json
import socket
import zlib

import httpx
import pytest
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.client import CollectorClient
from collector.errors import QueueFull, StoreError
from collector.intake import Intake
from tests.collector.running import EVERYTHING, JSON, PROTOBUF
from tests.collector.spans.test_otlp import as_otlp_json
from tests.otlp_traces import all_traces, export_request, moa_trace, span

GZIP = {"content-encoding": "gzip"}


def protobuf(spans) -> bytes:
    return export_request(spans).SerializeToString()


def spans_of(collector) -> int:
    with CollectorClient(collector.url) as client:
        return client.health().spans


def test_protobuf_is_stored_and_acknowledged_in_protobuf(collector):
    answer = collector.post(protobuf(all_traces()))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-protobuf")
    assert not ExportTraceServiceResponse.FromString(answer.content).HasField("partial_success")
    assert spans_of(collector) == 21


def test_json_is_stored_and_acknowledged_in_json(collector):
    body = json.dumps(as_otlp_json(export_request(moa_trace()))).encode()

    answer = collector.post(body, JSON | {"content-type": "application/json; charset=utf-8"})

    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (
        200,
        "application/json",
        {},
    )
    assert spans_of(collector) == 7


@pytest.mark.parametrize("headers", [PROTOBUF, JSON])
def test_gzip_is_taken_in_both_encodings(collector, headers):
    request = export_request(moa_trace())
    body = request.SerializeToString() if headers is PROTOBUF else json.dumps(as_otlp_json(request)).encode()

    assert collector.post(gzip.compress(body), headers | GZIP).status_code == 200
    assert spans_of(collector) == 7


def test_deflate_is_taken_too(collector):
    body = zlib.compress(protobuf(moa_trace()))

    assert collector.post(body, PROTOBUF | {"content-encoding": "deflate"}).status_code == 200
    assert spans_of(collector) == 7


@pytest.mark.parametrize(("body", "headers"), [(b"", PROTOBUF), (b"{}", JSON)])
def test_an_empty_request_is_a_success(collector, body, headers):
    assert collector.post(body, headers).status_code == 200


def test_bad_spans_are_named_and_the_good_ones_kept(collector):
    bad = span("bad", number=2)
    bad.trace_id = b"\1"

    answer = collector.post(protobuf([span("good"), bad]))

    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_spans) == (200, 1)
    assert partial.error_message.startswith("1 of 2 spans rejected: span 'bad': trace id '01'")
    assert spans_of(collector) == 1


def test_in_json_the_rejected_count_is_text_as_otlp_has_it(collector):
    body = {
        "resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "00", "spanId": "11", "name": "bad"}]}]}]
    }

    answer = collector.post(json.dumps(body).encode(), JSON)

    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"\xff\xff nonsense", PROTOBUF),
        (b"{", JSON),
        (b"not gzip", PROTOBUF | GZIP),
        (gzip.compress(b"{}")[:-4], JSON | GZIP),
    ],
    ids=["no protobuf", "no JSON", "no gzip", "cut short"],
)
def test_a_body_that_is_not_otlp_is_400_with_a_status_in_its_own_encoding(collector, body, headers):
    answer = collector.post(body, headers)

    assert (answer.status_code, answer.headers["content-type"]) == (400, headers["content-type"])
    parse = Status.FromString if headers["content-type"] == PROTOBUF["content-type"] else _status_of_json
    status = parse(answer.content)
    assert status.code == 3
    assert status.message


def _status_of_json(body: bytes) -> Status:
    return json_format.Parse(body, Status())


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "text/plain"}, {}, PROTOBUF | {"content-encoding": "br"}],
)
def test_types_and_encodings_nobody_speaks_are_415(collector, headers):
    assert collector.post(protobuf(moa_trace()), headers).status_code == 415


def test_too_large_a_body_is_413(collector):
    bomb = gzip.compress(bytes(65 * 1024 * 1024), 1)

    answer = collector.post(bomb, PROTOBUF | GZIP)

    assert (answer.status_code, Status.FromString(answer.content).code) == (413, 3)


@pytest.mark.parametrize(
    ("fault", "code"), [(QueueFull(), 8), (StoreError("disk full"), 14), (MemoryError(), 8)]
)
def test_a_passing_fault_is_503_with_a_time_to_come_back(collector, fault, code):
    class Refusing(Intake):
        def accept(self, made):
            raise fault

    app = _receiver_app(Refusing(None))
    with app as client:
        answer = client.post("/v1/traces", content=protobuf(moa_trace()), headers=PROTOBUF)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert Status.FromString(answer.content).code == code


def _receiver_app(intake) -> httpx.Client:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from collector.receivers.http_receiver import TraceReceiver
    from collector.receivers.reception import Reception

    return TestClient(Starlette(routes=TraceReceiver(Reception(intake)).routes()))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/traces", 405),
        ("POST", "/v1/metrics", 404),
        ("GET", "/questions/totals", 405),
        ("GET", "/", 404),
    ],
)
def test_other_paths_and_methods(collector, method, path, status):
    assert httpx.request(method, collector.url + path).status_code == status


@pytest.mark.parametrize("path", ["/v1/traces/", "/healthz/", "/v1//traces"])
def test_nothing_redirects_because_exporters_take_that_for_success(collector, path):
    answer = httpx.post(collector.url + path, content=protobuf(moa_trace()), headers=PROTOBUF)

    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_other_signals_are_told_in_their_own_encoding_that_traces_are_all_there_is(collector):
    metrics = httpx.post(f"{collector.url}/v1/metrics", content=b"", headers=PROTOBUF)
    logs = httpx.post(f"{collector.url}/v1/logs", content=b"{}", headers=JSON)

    status = Status.FromString(metrics.content)
    assert (metrics.status_code, status.code) == (404, 5)
    assert status.message == "there is no /v1/metrics: this collector keeps traces alone, sent to /v1/traces"
    assert (logs.status_code, logs.json()["code"]) == (404, 5)


def test_looking_at_the_receiver_says_how_to_send(collector):
    answer = httpx.get(f"{collector.url}/v1/traces")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json() == {"code": 12, "message": "spans are sent with POST /v1/traces, not GET"}


def test_a_page_that_calls_loopback_by_another_name_gets_nothing(collector):
    answer = httpx.get(f"{collector.url}/healthz", headers={"host": "evil.example"})

    assert answer.status_code == 400


def test_a_sender_that_hangs_up_in_the_middle_stores_nothing_and_harms_nobody(collector):
    host, port = collector.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"
            b"Content-Length: 5000\r\n\r\nonly this"
        )

    assert collector.send(moa_trace()).status_code == 200
    assert spans_of(collector) == 7


def test_questions_answer_with_arrow(collector):
    collector.send(all_traces())

    [totals] = collector.ask("totals", **EVERYTHING)
    page = collector.ask("traces", **EVERYTHING, strategies=["council"], page_size=1)

    assert (totals["runs"], totals["calls"]) == (4, 12)
    assert [row["question"] for row in page] == ["Which proof is shortest?"]


@pytest.mark.parametrize(
    ("name", "body", "status", "message"),
    [
        ("weather", b"{}", 404, "there is no question named 'weather'"),
        ("../schema/1_meta", b"{}", 404, None),
        ("totals", b"{}", 400, "the parameter 'since_ns' is missing"),
        ("totals", b"{", 400, None),
        ("totals", b"[" * 100_000, 400, None),
        ("totals", b'{"since_ns": NaN, "until_ns": 1}', 400, "'since_ns' must be a whole number"),
        ("totals", b" " * 2_000_000, 413, None),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_a_status(collector, name, body, status, message):
    answer = httpx.post(f"{collector.url}/questions/{name}", content=body)

    assert answer.status_code == status
    if message:
        assert answer.json()["message"] == message


def test_health_tells_what_came_and_what_is_kept(collector):
    bad = span("bad")
    bad.span_id = b""
    collector.send([*all_traces(), bad])
    collector.send(moa_trace())

    with CollectorClient(collector.url) as client:
        health = client.health()

    assert (health.spans_received, health.spans_stored, health.spans_duplicate, health.spans_rejected) == (
        29,
        21,
        7,
        1,
    )
    assert (health.traces, health.spans, health.llm_calls, health.unpriced_calls) == (4, 21, 12, 1)
    assert health.store == str((collector.data / "traces.duckdb").resolve())
    assert health.store_bytes > 0
