"""All bodies together never take more memory than one budget, however many are half sent."""

import asyncio
import gzip
import os
import select
import socket
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import httpx
import pytest
from google.rpc.status_pb2 import Status
from starlette.applications import Starlette
from starlette.middleware import Middleware

from collector.errors import BodyStalled, NotOtlp, TooMuchInHand
from collector.intake import Intake
from collector.receivers.budget import LEAST, SMALL, ByteBudget
from collector.receivers.doors import Doors
from collector.receivers.http_receiver import TraceReceiver
from collector.receivers.in_hand import RequestsInHand, paced
from collector.receivers.inflate import CompressedBody, PlainBody, inflate
from collector.receivers.reception import Reception
from tests.collector.receivers.test_body_limit import EXPORT, MIB, most_memory
from tests.collector.running import PROTOBUF, CollectorProcess, running_collector
from tests.otlp_traces import export_request, moa_trace, span

GZIP = {"content-encoding": "gzip"}
SMALL_BOMB = gzip.compress(bytes(63 * MIB))


def half_sent(port: int, body: bytes, *headers: str) -> socket.socket:
    """A request whose last five bytes never come."""
    connection = socket.create_connection(("127.0.0.1", port))
    length = f"content-length: {len(body) + 5}"
    lines = ["POST /v1/traces HTTP/1.1", "host: localhost", "content-type: application/x-protobuf", length]
    connection.sendall("\r\n".join([*lines, *headers, "", ""]).encode() + body)
    return connection


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak memory from /proc")
def test_half_sent_bodies_take_little_memory_and_keep_nobody_else_out(tmp_path):
    with CollectorProcess(tmp_path) as process, process.client() as client, ExitStack() as open_connections:
        for _ in range(20):
            open_connections.enter_context(half_sent(process.port, SMALL_BOMB, "content-encoding: gzip"))
        for _ in range(10):
            open_connections.enter_context(half_sent(process.port, bytes(30 * MIB)))
        good = export_request(moa_trace()).SerializeToString()
        answer = httpx.post(f"{process.url}/v1/traces", content=good, headers=PROTOBUF)
        spans, peak = client.health().spans, most_memory(process.pid)

    # 1260 MB if the first were inflated, 300 MB more if the second were all kept.
    assert (answer.status_code, spans) == (200, 7)
    assert peak < 450 * MIB


def test_past_the_budget_a_sender_is_told_to_come_back_and_loses_nothing(tmp_path):
    # Of 64 MiB, large bodies may have three quarters: 48.
    doors = Doors(grpc_port=0, body_limit=20 * MIB)
    body = export_request(
        [span("large", number=99, attributes={"text": "x" * (14 * MIB)})]
    ).SerializeToString()
    with (
        running_collector(tmp_path / "data", doors) as collector,
        grpc.insecure_channel(collector.inside.grpc) as channel,
    ):
        port = int(collector.url.rpartition(":")[2])
        with filled(port):
            refused = collector.post(body)
            with pytest.raises(grpc.RpcError) as refused_by_grpc:
                channel.unary_unary(EXPORT)(gzip.compress(body))
            small = collector.send(moa_trace())
        stored = _until_taken(collector, body)
        spans = collector.inside.health().spans

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert Status.FromString(refused.content).code == 8
    assert refused_by_grpc.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "google.rpc.retryinfo-bin" in dict(refused_by_grpc.value.trailing_metadata())
    assert (small.status_code, stored.status_code, spans) == (200, 200, 8)


@contextmanager
def filled(port: int):
    """All that large bodies may have, taken by requests that do not end."""
    with ExitStack() as open_connections:
        held = [open_connections.enter_context(half_sent(port, bytes(18 * MIB))) for _ in range(3)]
        # The third was one too many: its answer shows that the other two have what they want.
        assert b" 503 " in _first_answer(held)
        yield


def _first_answer(connections: list[socket.socket]) -> bytes:
    [answered, *_], _, _ = select.select(connections, [], [], 20)
    return answered.recv(1000).splitlines()[0]


def _until_taken(collector, body: bytes) -> httpx.Response:
    """The collector learns of a closed connection a moment later."""
    for _ in range(200):
        answer = collector.post(body)
        if answer.status_code != 503:
            return answer
    return answer


def test_every_end_of_a_request_gives_its_bytes_back():
    budget = ByteBudget()
    cut_short = gzip.compress(bytes(1000))[:-3]
    with pytest.raises(NotOtlp), budget.share() as share:
        inflate(cut_short, counted=share)
    with pytest.raises(TooMuchInHand), budget.share() as share:
        share.grow(budget.most)
    with budget.share() as share:
        share.grow(7)
        share.close()
        assert budget.held == 0

    assert budget.held == 0


def test_large_bodies_leave_a_fourth_to_small_ones():
    budget = ByteBudget(body_limit=1)
    assert budget.most == LEAST == 64 * MIB
    large, small = budget.share(), budget.share()
    large.grow(48 * MIB)

    with pytest.raises(TooMuchInHand):
        large.grow(1)
    small.grow(SMALL)
    with pytest.raises(TooMuchInHand):
        small.grow(1)
    assert budget.held == 49 * MIB


def test_a_body_of_the_largest_size_fits_even_where_it_does_not_compress():
    budget = ByteBudget()
    with budget.share() as message, budget.share() as inflated:
        message.grow(64 * MIB)
        inflated.grow(64 * MIB)


@pytest.mark.parametrize("kind", [PlainBody, CompressedBody])
def test_only_what_came_is_counted_until_it_is_decoded(kind):
    budget = ByteBudget()
    share = budget.share()
    sent = gzip.compress(os.urandom(100) + bytes(MIB))
    body = kind(2 * MIB, share)
    for byte in sent:
        body.feed(bytes([byte]))

    assert budget.held == len(sent)
    assert len(body.whole()) == (len(sent) if kind is PlainBody else MIB + 100)
    assert budget.held == (len(sent) if kind is PlainBody else MIB + 100)


async def test_a_body_that_stops_coming_is_given_up():
    pieces = iter([{"type": "http.request", "body": b"x", "more_body": True}])

    async def receive():
        for piece in pieces:
            return piece
        return await asyncio.Event().wait()

    receive_paced = paced(receive, 0.01)
    assert (await receive_paced())["body"] == b"x"
    with pytest.raises(BodyStalled):
        await receive_paced()


async def test_single_bytes_now_and_then_are_no_progress():
    async def receive():
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    receive_paced = paced(receive, 0.05)

    async def all_of_it():
        for _ in range(100):
            await receive_paced()

    with pytest.raises(BodyStalled):
        await all_of_it()


async def test_after_its_body_a_request_may_take_as_long_as_it_likes():
    ended = asyncio.Event()

    async def receive():
        if not ended.is_set():
            ended.set()
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    receive_paced = paced(receive, 0.01)
    await receive_paced()
    assert await receive_paced() == {"type": "http.disconnect"}


async def test_a_stalled_body_is_answered_so_that_it_is_sent_again_and_gives_its_bytes_back():
    reception = Reception(Intake(None))
    inside = [Middleware(RequestsInHand, silence=0.01)]
    app = Starlette(routes=TraceReceiver(reception).routes(), middleware=inside)
    pieces = iter([{"type": "http.request", "body": b"half", "more_body": True}])
    answer = []

    async def receive():
        for piece in pieces:
            return piece
        return await asyncio.Event().wait()

    async def send(message):
        answer.append(message)

    headers = [(b"content-type", b"application/x-protobuf")]
    scope = {"type": "http", "method": "POST", "path": "/v1/traces", "headers": headers, "query_string": b""}
    await app(scope, receive, send)

    start, body = answer
    headers = dict(start["headers"])
    assert (start["status"], headers[b"retry-after"], headers[b"connection"]) == (503, b"1", b"close")
    assert Status.FromString(body["body"]).code == 14
    assert "did not come in time" in Status.FromString(body["body"]).message
    assert reception.budget.held == 0
