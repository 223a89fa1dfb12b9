"""What every test may use: an instant model server over real HTTP, and the spans that were emitted."""

import tests.clock  # noqa: F401 - before all others, who are to read this one

# isort: split
import os
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import collector.client
import composite_llm
from composite_llm.simulator import Simulator
from tests import process_state
from tests.forked.starting import running_forks

LONGEST = (
    "browser/test_dashboard",
    "proxy",
    "composite_llm/calls",
    "browser",
    "cli",
    "end_to_end",
    "test_docs",
    "test_examples",
)
"""What waits for browsers, processes and deadlines, not all of one kind side by side."""

WITH_OWN_DASHBOARD = (
    "tests/browser/test_coming_and_going.py",
    "tests/browser/test_modes.py",
)
IN_FORKS = ("tests/cli/", "tests/end_to_end/", "tests/test_docs.py", "tests/test_examples.py")


def pytest_collection_modifyitems(items):
    """The files that take longest come first, so that at the end no worker waits for another one's."""
    tests = Path(__file__).parent

    def place(item):
        file = item.path.relative_to(tests).as_posix()
        return next((at for at, start in enumerate(LONGEST) if file.startswith(start)), len(LONGEST))

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file stays with one worker, and so do all that ask the proxy, which takes ten seconds to start, all that look
    at the same dashboard, and all that run commands in forks of one process, which take as long."""
    from xdist.scheduler import LoadFileScheduling

    class ByFileOrServer(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            if file.startswith("tests/proxy/"):
                return "tests/proxy"
            if file.startswith("tests/browser/") and not file.startswith(WITH_OWN_DASHBOARD):
                return "tests/browser"
            return "forks" if file.startswith(IN_FORKS) else file

    return ByFileOrServer(config, log)


@pytest.fixture(scope="session", autouse=True)
def _patience():
    """A machine that is busy with other tests lets requests wait for longer than the five seconds httpx gives
    them, and the two that our own client gives a collector to say that it is well."""
    for way in ("connect", "read", "write", "pool"):
        setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, way, 60.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collector.client, "SECONDS_TO_CONNECT", 20.0)
        yield


@pytest.fixture(autouse=True)
def _process_is_as_before():
    with process_state.unchanged():
        yield


@pytest.fixture(scope="session")
def model_server():
    """The simulator without its waiting, and without windows, since some tests send megabytes to see whether
    anything breaks here; `sim/…` models are answered by it."""
    with Simulator(speed=0, windows=False) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def forks(tmp_path_factory, model_server):
    """Runs scripts and commands in processes of their own that begin at once; see tests/forked/server.py."""
    folder = tmp_path_factory.mktemp("forks")
    nowhere = {"COMPOSITE_LLM_COLLECTOR": "http://127.0.0.1:9", "COMPOSITE_LLM_DATA": str(folder / "data")}
    with running_forks(
        folder, {**os.environ, **nowhere, "COMPOSITE_LLM_SIMULATOR": model_server.url}
    ) as forks:
        yield forks


@pytest.fixture
def simulator(model_server, monkeypatch):
    monkeypatch.setenv("COMPOSITE_LLM_SIMULATOR", model_server.url)
    composite_llm.register()
    return model_server


@pytest.fixture(scope="session", autouse=True)
def _span_memory():
    """For every test, so that none sends to the collector or spool of whoever runs them."""
    from composite_llm import telemetry

    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    telemetry.use_tracer_provider(provider)
    return memory


@pytest.fixture
def spans(_span_memory):
    """Finished spans of this test alone, by `spans.get_finished_spans()`."""
    _span_memory.clear()
    return _span_memory
