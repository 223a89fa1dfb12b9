"""Asking a collector, nobody, and somebody else."""

import http.server
import socket
import threading

import pytest

from collector.client import CollectorClient
from collector.errors import CollectorFailed, CollectorUnavailable, NotACollector, QuestionError
from collector.http_client import is_loopback
from tests.collector.running import EVERYTHING
from tests.collector.saying import saying
from tests.otlp_traces import all_traces


@pytest.fixture
def web_server():
    """Some other program's server: a page for whoever asks."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            body = b'{"service": "shop"}' if self.path == "/healthz" else b"<h1>Shop</h1>"
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_):
            """Stays quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_answer_is_a_table_with_the_types_of_the_store(collector):
    collector.send(all_traces())

    with CollectorClient(collector.url + "/") as client:
        table = client.ask("traces", **EVERYTHING)

    types = {
        name: str(table.schema.field(name).type) for name in ("started", "models", "cost_usd", "matching")
    }
    assert types.pop("models").startswith("list<")
    assert types == {"started": "timestamp[ns]", "cost_usd": "double", "matching": "int64"}
    assert table.num_rows == 4


def test_a_bad_question_raises_with_the_collectors_sentence(collector):
    with CollectorClient(collector.url) as client:
        with pytest.raises(QuestionError, match="there is no question named 'weather'"):
            client.ask("weather")
        with pytest.raises(QuestionError, match="'since_ns' is missing"):
            client.ask("totals")


def test_a_collector_that_cannot_is_quoted_and_no_other_is_offered(collector):
    # The questions of a store whose file is closed fail in the collector, with a 503.
    collector.inside.store.close()

    with CollectorClient(collector.url) as client, pytest.raises(CollectorFailed) as raised:
        client.ask("strategies")

    assert str(raised.value).startswith(f"the collector at {collector.url} says: ")
    assert "Start one" not in str(raised.value)


def test_nobody_at_the_address_is_unavailable_and_says_what_to_do():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"

        with CollectorClient(url) as client:
            with pytest.raises(CollectorUnavailable, match="composite-llm collect"):
                client.health()
            with pytest.raises(CollectorUnavailable, match=url):
                client.ask("strategies")


def test_somebody_elses_web_server_is_not_a_collector(web_server):
    with CollectorClient(web_server) as client:
        with pytest.raises(NotACollector, match="COMPOSITE_LLM_COLLECTOR"):
            client.health()
        with pytest.raises(NotACollector):
            client.ask("strategies")


WAYS_TO_ASK = {
    "health": CollectorClient.health,
    "ask": lambda client: client.ask("strategies"),
    "search": lambda client: list(client.search("blue")),
    "follow": lambda client: list(client.follow()),
}


@pytest.mark.parametrize("ask", WAYS_TO_ASK.values(), ids=WAYS_TO_ASK)
@pytest.mark.parametrize("words", [b"220 mail.example ESMTP\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_who_speaks_no_http_is_not_a_collector(words, ask):
    with (
        saying(words) as url,
        CollectorClient(url) as client,
        pytest.raises(NotACollector, match="COMPOSITE_LLM_COLLECTOR"),
    ):
        ask(client)


@pytest.mark.parametrize("ask", WAYS_TO_ASK.values(), ids=WAYS_TO_ASK)
@pytest.mark.parametrize(
    "words",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    ],
    ids=["no answer", "half a header", "half a body", "no chunk"],
)
def test_a_collector_that_ends_before_its_answer_has_gone_away(words, ask):
    """Nobody is told to look for another program there, or to choose another address."""
    with (
        saying(words) as url,
        CollectorClient(url) as client,
        pytest.raises(CollectorUnavailable, match="composite-llm collect"),
    ):
        ask(client)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:4318", True),
        ("http://localhost", True),
        ("http://[::1]:4318", True),
        ("http://127.0.0.1.example:4318", False),
        ("http://10.0.0.5:4318", False),
        ("http://collector:4318", False),
    ],
)
def test_which_addresses_are_on_this_machine(url, expected):
    assert is_loopback(url) is expected


def test_a_proxy_of_the_environment_is_not_asked_about_loopback(collector, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)

    with CollectorClient(collector.url) as client:
        assert client.health().spans == 0
