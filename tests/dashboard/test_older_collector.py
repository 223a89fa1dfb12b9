"""Diagnostics before a collector of an earlier version: the real one, with what is new taken out on the way."""

import json
import threading

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.client import CollectorClient
from collector.diagnosis_queries import DIAGNOSIS_QUESTIONS
from collector.errors import OtherVersion, UnknownQuestion
from collector.receivers.doors import listening_socket

DIAGNOSTICS = "views/diagnostics.py"


@pytest.fixture
def older(seeded):
    """The address of a collector that knows neither /status nor the questions of diagnostics, and what is to be left out
    of what it says of itself."""
    lacks: set[str] = set()

    def handed_on(request: Request, body: bytes) -> Response:
        path = request.url.path
        name = path.removeprefix("/questions/")
        if name in DIAGNOSIS_QUESTIONS:
            return JSONResponse({"code": 5, "message": str(UnknownQuestion(name))}, 404)
        if path == "/status":
            return JSONResponse({"code": 5, "message": "there is nothing at /status"}, 404)
        answer = httpx.request(request.method, f"{seeded}{path}", content=body, timeout=60)
        content = answer.content
        if path == "/healthz":
            content = json.dumps(
                {key: told for key, told in answer.json().items() if key not in lacks}
            ).encode()
        return Response(content, answer.status_code, media_type=answer.headers["content-type"])

    async def any_request(request: Request) -> Response:
        return await run_in_threadpool(handed_on, request, await request.body())

    listener = listening_socket(0)
    app = Starlette(routes=[Route("/{path:path}", any_request, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", lacks
    server.should_exit = True
    thread.join()


def test_what_an_older_collector_tells_is_shown_and_the_rest_named(open_app, older):
    url, _ = older

    app = open_app(url, DIAGNOSTICS)
    assert "1 call has no price" in app.warning[0].value
    app = open_app(url, DIAGNOSTICS, view="Ingest")
    assert "does not tell how it is doing" in app.info[0].value
    app = open_app(url, DIAGNOSTICS, view="Runs")
    assert "does not answer this" in app.info[0].value
    app = open_app(url, DIAGNOSTICS, view="Store")
    assert not app.error


def test_a_collector_that_does_not_tell_what_every_page_needs_is_named_with_its_version(older):
    url, lacks = older
    lacks.update({"spans_lost", "retention"})

    with (
        CollectorClient(url) as client,
        pytest.raises(OtherVersion, match=r"version 0\.1\.0 .*retention, spans_lost"),
    ):
        client.health()
