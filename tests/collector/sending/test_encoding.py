"""What one span holds must not cost the others of its batch."""

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Status, StatusCode

from collector.sending.encoding import encoded

HALF, MENDED = "cut \ud83d", "cut \ufffd"


@pytest.fixture
def ended():
    """Spans as the SDK hands them to an exporter: the second holds half of a pair wherever text can stand."""
    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("tests")
    with tracer.start_as_current_span("whole", attributes={"said": "é"}) as whole:
        pass
    with tracer.start_as_current_span(HALF, attributes={"said": HALF, "many": [HALF, "b"]}) as broken:
        broken.add_event(HALF, {"said": HALF})
        broken.add_link(whole.get_span_context(), {"said": HALF})
        broken.set_status(Status(StatusCode.ERROR, HALF))
    return memory.get_finished_spans()


def test_half_a_letter_is_mended_and_loses_no_span(ended):
    [resource_spans] = encoded(ended).resource_spans
    [scope_spans] = resource_spans.scope_spans
    whole, broken = scope_spans.spans

    assert whole.attributes[0].value.string_value == "é"
    assert (broken.name, broken.status.message) == (MENDED, MENDED)
    said, many = broken.attributes
    assert said.value.string_value == MENDED
    assert [value.string_value for value in many.value.array_value.values] == [MENDED, "b"]
    assert [(event.name, event.attributes[0].value.string_value) for event in broken.events] == [
        (MENDED, MENDED)
    ]
    assert [link.attributes[0].value.string_value for link in broken.links] == [MENDED]
    assert broken.span_id == ended[1].context.span_id.to_bytes(8, "big")
    assert (broken.start_time_unix_nano, broken.end_time_unix_nano) == (
        ended[1].start_time,
        ended[1].end_time,
    )
