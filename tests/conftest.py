"""What every test may use: an instant model server over real HTTP, and the spans that were emitted."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import composite_llm
from composite_llm.simulator import Simulator
from tests import process_state


@pytest.fixture(autouse=True)
def _process_is_as_before():
    with process_state.unchanged():
        yield


@pytest.fixture(scope="session")
def model_server():
    """The simulator without its waiting; `sim/…` models are answered by it."""
    with Simulator(speed=0) as simulator:
        yield simulator


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
