"""Spans as an OTLP request, also those that hold what OTLP has no form of.

JSON can hold half of a UTF-16 pair (`"\\ud83d"`), as a cut-off emoji leaves it. One such text in one span would make
the encoder refuse the whole batch.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, Status

from composite_llm.encodable import encodable


def encoded(spans: Sequence[ReadableSpan]) -> ExportTraceServiceRequest:
    try:
        return encode_spans(spans)
    # A lone half of a pair is a ValueError of protobuf's; all others mean that a span cannot be told at all.
    except ValueError:
        return encode_spans([_mended(span) for span in spans])


def _mended(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=encodable(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_attributes(span.attributes, span.dropped_attributes),
        events=[
            Event(encodable(event.name), _attributes(event.attributes), event.timestamp)
            for event in span.events
        ],
        links=[Link(link.context, _attributes(link.attributes)) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code, encodable(span.status.description)),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _attributes(attributes: Mapping[str, Any] | None, dropped: int = 0) -> BoundedAttributes:
    mended = BoundedAttributes(
        attributes={encodable(key): encodable(value) for key, value in (attributes or {}).items()}
    )
    mended.dropped = dropped
    return mended
