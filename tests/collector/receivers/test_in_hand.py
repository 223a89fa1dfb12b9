"""A collector with all it can do in hand still answers in OTLP's words, and idle connections are no load."""

import asyncio
import socket
from contextlib import ExitStack

import httpx
from google.rpc.status_pb2 import Status
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from collector.receivers import connections
from collector.receivers.in_hand import RequestsInHand
from tests.collector.running import PROTOBUF
from tests.otlp_traces import moa_trace


def connected(collector) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(collector.url.rpartition(":")[2])))


def test_idle_connections_keep_nobody_out(collector):
    with ExitStack() as opened:
        for _ in range(300):
            opened.enter_context(connected(collector))
        sent = collector.send(moa_trace())
        health = httpx.get(f"{collector.url}/healthz")

    assert (sent.status_code, health.status_code, health.json()["spans"]) == (200, 200, 7)


def test_past_a_number_the_one_idle_longest_makes_room(collector, monkeypatch):
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 2)
    with connected(collector) as oldest, connected(collector) as other:
        assert collector.send(moa_trace()).status_code == 200
        oldest.settimeout(60)
        try:
            left = oldest.recv(1)
        except ConnectionResetError:
            left = b""
        other.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        other.settimeout(60)
        answered = other.recv(1000)

    assert left == b""
    assert answered.startswith(b"HTTP/1.1 200")


async def test_one_request_too_many_is_told_to_come_back_and_health_is_always_answered():
    running, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_):
        running.set()
        await go_on.wait()
        return Response("done")

    async def healthz(_):
        return Response("well")

    app = Starlette(
        routes=[Route("/v1/traces", slow, methods=["POST"]), Route("/healthz", healthz)],
        middleware=[Middleware(RequestsInHand, most=1)],
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        first = asyncio.create_task(client.post("/v1/traces", headers=PROTOBUF))
        await running.wait()
        busy = await client.post("/v1/traces", headers=PROTOBUF)
        health = await client.get("/healthz")
        go_on.set()
        done = await first
        again = await client.post("/v1/traces", headers=PROTOBUF)

    assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")
    assert busy.headers["content-type"] == "application/x-protobuf"
    assert Status.FromString(busy.content).code == 8
    assert (health.text, done.text, again.text) == ("well", "done", "done")
