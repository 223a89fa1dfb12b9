"""How a program says that it had to drop spans: on the resource of the next batch that gets through.

So the number travels every way a span does, the spool included, and is stored with the spans around the gap.
"""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from composite_llm import conventions as c


def say_lost(request: ExportTraceServiceRequest, spans: int) -> None:
    for resource_spans in request.resource_spans[:1]:
        resource_spans.resource.attributes.add(key=c.SPANS_LOST).value.int_value = spans


def lost_before(request: ExportTraceServiceRequest) -> int:
    return sum(
        attribute.value.int_value
        for resource_spans in request.resource_spans
        for attribute in resource_spans.resource.attributes
        if attribute.key == c.SPANS_LOST and attribute.value.int_value > 0
    )
