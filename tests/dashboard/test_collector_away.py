"""What a reader is told when the store cannot be asked: a sentence and a button, no traceback."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


class Stranger(BaseHTTPRequestHandler):
    """Some other program on the collector's port."""

    def do_GET(self):
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"not here")

    do_POST = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture
def stranger():
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_another_program_on_the_port_is_named_and_what_to_do(open_app, stranger):
    app = open_app(stranger)

    assert app.text[0].value.startswith("Something else than a composite-llm collector answers at")
    assert "COMPOSITE_LLM_COLLECTOR" in app.text[0].value
    assert app.button[0].label == "Try again"
    assert not app.metric


def test_a_collector_elsewhere_that_does_not_answer_is_a_sentence(open_app):
    # .invalid never resolves (RFC 2606), and on another machine there is nothing to start from here.
    app = open_app("http://collector.invalid:4318")

    assert app.text[0].value.startswith("No collector answers at")
    assert app.button[0].label == "Try again"


def test_try_again_shows_the_page_once_the_collector_is_back(open_app, monkeypatch, seeded):
    app = open_app("http://collector.invalid:4318")
    monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", seeded)
    app.button[0].click().run()

    assert not app.error
    assert len(app.metric) == 6
