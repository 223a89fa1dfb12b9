"""The app as it is, against a collector of its own with a store a reader can add up."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from collector.receivers.doors import listening_socket
from collector.server import Collector, serve
from tests.otlp_traces import MINUTE, all_traces, export_request

APP = Path(__file__).parents[2] / "dashboard" / "navigation.py"
STARTED_NS = time.time_ns() - 20 * MINUTE
"""When the first of the four example traces began; each of the others began a minute later."""


def send(url: str, spans) -> None:
    body = export_request(spans).SerializeToString()
    request = Request(f"{url}/v1/traces", data=body, headers={"content-type": "application/x-protobuf"})
    with urlopen(request) as answer:
        assert answer.status == 200


@pytest.fixture(scope="session", autouse=True)
def _no_installed_components():
    """Streamlit reads the metadata of every installed package when an app starts, to find components, and AppTest
    starts one for each run: half the time of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", lambda **_: [])
        yield


@pytest.fixture(scope="session")
def start_collector(tmp_path_factory):
    """A collector in this process, on a free port, until the tests end."""
    stop = threading.Event()
    threads = []

    def start(*spans) -> str:
        listener = listening_socket(0)
        running = Collector(tmp_path_factory.mktemp("data"))
        thread = threading.Thread(target=serve, args=(running, listener), kwargs={"stop": stop})
        thread.start()
        threads.append(thread)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        if spans:
            send(url, spans)
        return url

    yield start
    stop.set()
    for thread in threads:
        thread.join()


@pytest.fixture(scope="session")
def seeded(start_collector) -> str:
    """The address of a collector that holds the four example traces."""
    return start_collector(*all_traces(start_ns=STARTED_NS))


@pytest.fixture(scope="session")
def empty(start_collector) -> str:
    return start_collector()


@pytest.fixture
def open_app(monkeypatch, tmp_path) -> Iterator:
    """The app at a page, against the collector at `url`, after its first run."""
    monkeypatch.setenv("COMPOSITE_LLM_DATA", str(tmp_path))
    monkeypatch.setenv("COMPOSITE_LLM_SAMPLES", "0")

    def opened(url: str, view: str | None = None, /, **query: str | list[str]) -> AppTest:
        monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", url)
        app = AppTest.from_file(APP, default_timeout=60)
        app.context = {"timezone": "Europe/Berlin", "timezone_offset": -60}
        app.query_params.update(query)
        app.run()
        if view:
            app.switch_page(view)
            app.query_params.update(query)
            app.run()
        assert not app.exception
        return app

    yield opened
    st.cache_data.clear()
    st.cache_resource.clear()
