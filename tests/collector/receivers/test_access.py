"""Who is let in: tokens, names, origins, addresses. Over real sockets."""

import gzip
import socket
from dataclasses import replace

import grpc
import httpx
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from collector import launch
from collector.client import CollectorClient
from collector.errors import CollectorError, CollectorUnavailable, TokenNeeded
from collector.receivers.access import Access, checked
from collector.receivers.doors import Doors
from collector.sending.delivery import Delivery
from composite_llm import settings
from tests.collector.running import (
    JSON,
    PROTOBUF,
    CollectorProcess,
    free_port,
    running_collector,
    wait_until,
)
from tests.otlp_traces import export_request, moa_trace

TOKEN = "correct-horse"
BEARER = {"authorization": f"Bearer {TOKEN}"}
PAGE = "https://app.example.com"
BODY = export_request(moa_trace()).SerializeToString()


@pytest.fixture
def guarded(tmp_path):
    with running_collector(
        tmp_path / "data", Doors(access=Access(TOKEN, origins=(PAGE,)), grpc_port=0)
    ) as running:
        yield running


def spans_of(collector) -> int:
    with CollectorClient(collector.url, TOKEN) as client:
        return client.health().spans


WRONG = [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}, {"authorization": f"Basic {TOKEN}"}]


@pytest.mark.parametrize("headers", WRONG)
def test_without_the_token_nothing_is_taken_and_nothing_told(guarded, headers):
    sent = guarded.post(BODY, PROTOBUF | headers)
    as_json = guarded.post(b"{}", JSON | headers)

    assert (sent.status_code, sent.headers["www-authenticate"]) == (401, "Bearer")
    status = Status.FromString(sent.content)
    assert (status.code, "COMPOSITE_LLM_TOKEN" in status.message) == (16, True)
    assert (as_json.status_code, as_json.json()["code"]) == (401, 16)
    assert TOKEN not in sent.text + as_json.text
    for method, path in [("POST", "/questions/totals"), ("GET", "/openapi.json"), ("GET", "/nothing")]:
        assert httpx.request(method, guarded.url + path, headers=headers).status_code == 401
    assert spans_of(guarded) == 0


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_with_the_token_everything_is_as_without_one(guarded, scheme):
    assert guarded.post(BODY, PROTOBUF | {"authorization": f"{scheme} {TOKEN}"}).status_code == 200
    assert spans_of(guarded) == 7


@pytest.mark.parametrize("headers", WRONG)
def test_grpc_wants_it_as_metadata(guarded, headers):
    with grpc.insecure_channel(guarded.inside.grpc) as channel:
        stub = TraceServiceStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            stub.Export(export_request(moa_trace()), metadata=tuple(headers.items()))
        assert spans_of(guarded) == 0
        stub.Export(export_request(moa_trace()), metadata=tuple(BEARER.items()))

    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert "COMPOSITE_LLM_TOKEN" in refused.value.details()
    assert spans_of(guarded) == 7


def test_health_tells_strangers_only_that_a_collector_runs(guarded):
    answer = httpx.get(f"{guarded.url}/healthz")

    assert answer.status_code == 200
    assert answer.json().keys() == {"service", "version", "token"}


def test_who_asks_without_the_token_is_told_where_to_put_it(guarded):
    with (
        CollectorClient(guarded.url, "wrong") as client,
        pytest.raises(TokenNeeded, match="COMPOSITE_LLM_TOKEN"),
    ):
        client.ask("store_counts")
    with CollectorClient(guarded.url, "") as client, pytest.raises(TokenNeeded):
        client.health()


def test_programs_send_it_and_without_it_their_spans_are_not_lost(guarded, caplog):
    refused, accepted = Delivery(guarded.url, "wröng\n"), Delivery(guarded.url, TOKEN)
    assert not refused.deliver(gzip.compress(BODY))
    assert accepted.deliver(gzip.compress(BODY))
    refused.close()
    accepted.close()

    assert "wröng" not in caplog.text
    assert spans_of(guarded) == 7


def test_the_token_is_in_no_text_about_settings(monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_TOKEN", TOKEN)

    assert settings.load().token == TOKEN
    assert TOKEN not in f"{settings.load()} {Access(TOKEN)} {Doors(access=Access(TOKEN))}"


def test_a_page_of_a_named_origin_may_send_also_with_the_token(guarded):
    preflight = httpx.options(
        f"{guarded.url}/v1/traces",
        headers={
            "origin": PAGE,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        },
    )
    sent = guarded.post(BODY, PROTOBUF | BEARER | {"origin": PAGE})
    refused = guarded.post(BODY, PROTOBUF | {"origin": PAGE})

    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, PAGE)
    assert {"authorization", "content-type", "content-encoding"} <= set(
        preflight.headers["access-control-allow-headers"].lower().split(", ")
    )
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (200, PAGE)
    # A page can read why it was refused.
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, PAGE)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", f"{PAGE}.evil.example", "null", "http://app.example.com"]
)
def test_pages_of_other_origins_may_not(guarded, origin):
    asked = {"origin": origin, "access-control-request-method": "POST"}
    preflight = httpx.options(f"{guarded.url}/v1/traces", headers=asked)
    sent = guarded.post(BODY, PROTOBUF | BEARER | {"origin": origin})

    assert preflight.status_code == 400
    assert "access-control-allow-origin" not in preflight.headers
    assert "access-control-allow-origin" not in sent.headers


def test_no_page_may_unless_one_is_named(collector):
    asked = {"origin": PAGE, "access-control-request-method": "POST"}
    preflight = httpx.options(f"{collector.url}/v1/traces", headers=asked)

    assert preflight.status_code == 405
    assert not [name for name in preflight.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost:4318", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("[::1]:4318", True),
        ("192.0.2.7:4318", True),
        ("traces.internal:4318", True),
        ("a.lan", True),
        ("evil.example", False),
        ("traces.internal.evil.example", False),
        ("localhost.evil.example", False),
        ("lan", False),
        ("[nonsense", False),
        ("", False),
    ],
)
def test_names_that_anybody_can_make_lead_here_get_no_answer(host, known):
    assert Access(names=("Traces.Internal", "*.lan")).answers_to(host) is known
    # A page that calls by its own name does not have the token.
    assert Access(TOKEN).answers_to(host)


def test_beyond_loopback_it_listens_only_with_a_token(tmp_path):
    code, errors = CollectorProcess(tmp_path / "data", "--host", "0.0.0.0").close_input()

    assert code == 2
    assert errors.startswith("--host 0.0.0.0 lets other machines in, and no token keeps strangers out.")
    assert errors.count("\n") == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("host", "open_to_all", "token", "good"),
    [
        ("::", False, "", False),
        ("", False, "", False),
        ("192.0.2.7", False, "", False),
        ("traces.internal", False, "", False),
        ("192.0.2.7", True, "", True),
        ("192.0.2.7", False, TOKEN, True),
        ("127.0.0.1", False, "", True),
        ("::1", False, "", True),
        ("localhost", False, "", True),
    ],
)
def test_what_is_beyond_loopback(host, open_to_all, token, good):
    wanted = Access(token)
    if good:
        assert checked(wanted, host=host, open_to_all=open_to_all) == wanted
    else:
        with pytest.raises(CollectorError, match="--insecure-no-token"):
            checked(wanted, host=host, open_to_all=open_to_all)


def test_with_one_it_listens_to_everybody(tmp_path):
    token = {"COMPOSITE_LLM_TOKEN": TOKEN}
    with CollectorProcess(tmp_path, "--host", "0.0.0.0", environment=token) as process:
        with CollectorClient(f"http://127.0.0.1:{process.port}", TOKEN) as client:
            assert client.health().spans == 0
        assert TOKEN not in process.first_line


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Access("with a space"), "COMPOSITE_LLM_TOKEN must be plain ASCII"),
        (Access("wörd"), "COMPOSITE_LLM_TOKEN must be plain ASCII"),
        (Access(origins=("*",)), "'\\*' is no origin"),
        (Access(origins=("https://app.example.com/page",)), "is no origin"),
        (Access(origins=("https://*.example.com",)), "is no origin"),
    ],
)
def test_what_cannot_be_meant_is_said(wanted, words):
    with pytest.raises(CollectorError, match=words) as refused:
        checked(wanted, host="127.0.0.1", open_to_all=False)

    assert not wanted.token or wanted.token not in str(refused.value)


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="needs IPv6")
def test_loopback_of_ipv6(tmp_path):
    with CollectorProcess(tmp_path, "--host", "::1", "--grpc-port", "0") as process:
        assert process.url.startswith("http://[::1]:")
        with process.client() as client:
            where = client.health().grpc
        with grpc.insecure_channel(where) as channel:
            TraceServiceStub(channel).Export(export_request(moa_trace()))
        with process.client() as client:
            assert client.health().spans == 7


def test_a_collector_is_started_with_the_token_of_its_program(tmp_path):
    found = replace(
        settings.load(), data=tmp_path / "data", collector=f"http://127.0.0.1:{free_port()}", token=TOKEN
    )
    try:
        assert launch.ensure_collector(found).spans == 0
        with CollectorClient(found.collector, "") as stranger, pytest.raises(TokenNeeded):
            stranger.ask("store_counts")
        with pytest.raises(TokenNeeded):
            launch.ensure_collector(replace(found, token=""))
    finally:
        launch.stop_children()
    with CollectorClient(found.collector) as client:
        wait_until(lambda: _is_away(client))


def _is_away(client: CollectorClient) -> bool:
    try:
        client.health()
    except CollectorUnavailable:
        return True
    return False


@pytest.mark.parametrize("path", ["/v1/traces", "/prune", "/query", "/questions/totals"])
def test_a_page_that_is_not_allowed_cannot_send(guarded, path):
    """Not even what a browser sends without asking first."""
    body = BODY if path == "/v1/traces" else b"{}"
    kind = PROTOBUF if path == "/v1/traces" else JSON

    for origin in ("https://evil.example", "null", f"{PAGE}.evil.example"):
        refused = httpx.post(guarded.url + path, content=body, headers=BEARER | kind | {"origin": origin})
        assert refused.status_code == 403
        assert "may not send here; start the collector with --allow-origin" in refused.text
    allowed = httpx.post(guarded.url + path, content=body, headers=BEARER | kind | {"origin": PAGE})

    assert allowed.status_code != 403
    assert httpx.post(guarded.url + path, content=body, headers=BEARER | kind).status_code != 403
