"""OTLP trace export requests, in protobuf or JSON, as rows.

A bad span is left out and named; the good ones around it are kept. Only a body that is no export request
at all is refused whole.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.attribute_values import attributes_of
from collector.columns import SpanRow
from collector.errors import NotOtlp
from collector.promotion import as_json, text
from collector.rows import LAST_NS, Source, span_row
from composite_llm import conventions as c

REASONS_NAMED = 5
BAD_JSON = (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one request."""

    rows: list[SpanRow]
    resources: dict[str, str]
    """Resource id -> the resource's attributes as JSON."""
    rejected: list[str]
    """One reason for each span left out."""

    def rejection(self) -> str:
        """A sentence for the sender; empty if nothing was left out."""
        if not self.rejected:
            return ""
        unnamed = len(self.rejected) - REASONS_NAMED
        more = f"; and {unnamed} more" if unnamed > 0 else ""
        total = len(self.rejected) + len(self.rows)
        reasons = "; ".join(self.rejected[:REASONS_NAMED])
        return f"{len(self.rejected)} of {total} spans rejected: {reasons}{more}"


def from_protobuf(body: bytes) -> ExportTraceServiceRequest:
    try:
        return ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise NotOtlp(f"the body is not a protobuf ExportTraceServiceRequest: {error}") from error


def from_json(body: bytes) -> ExportTraceServiceRequest:
    try:
        request = _parsed(body.decode())
        _base64_ids(request)
        return json_format.ParseDict(request, ExportTraceServiceRequest(), ignore_unknown_fields=True)
    # Hostile values make the parsers raise all of these, as fuzzing shows.
    except (*BAD_JSON, json_format.ParseError) as error:
        raise NotOtlp(f"the body is not a JSON ExportTraceServiceRequest: {error}") from error


def _parsed(text: str) -> Any:
    """JSON may escape half of a character, as texts cut in the middle do; protobuf has no such text."""
    request = json.loads(text)
    if SURROGATE.search(text):
        return json.loads(json.dumps(request, ensure_ascii=False).encode(errors="replace"))
    return request


def _base64_ids(request: Any) -> None:
    """OTLP/JSON writes ids as hex, where protobuf's own JSON mapping expects base64."""
    for span in _json_spans(request):
        for key in ("traceId", "spanId", "parentSpanId"):
            _base64_id(span, key)
        for link in span.get("links") or ():
            for key in ("traceId", "spanId"):
                _base64_id(link, key)


def _json_spans(request: Any) -> Iterator[Any]:
    for resource_spans in request.get("resourceSpans") or ():
        for scope_spans in resource_spans.get("scopeSpans") or ():
            yield from scope_spans.get("spans") or ()


def _base64_id(holder: Any, key: str) -> None:
    """An id that is no hex becomes an empty one, so that only its own span is rejected."""
    if key not in holder:
        return
    try:
        identifier = bytes.fromhex(holder[key])
    except (ValueError, TypeError):
        identifier = b"\0"
    holder[key] = base64.b64encode(identifier).decode()


def batch_of(request: ExportTraceServiceRequest) -> Batch:
    batch = Batch(rows=[], resources={}, rejected=[])
    for resource_spans in request.resource_spans:
        resource = resource_spans.resource
        for scope_spans in resource_spans.scope_spans:
            source = _source(resource, scope_spans.scope, batch.resources)
            for span in scope_spans.spans:
                if fault := fault_of(span):
                    batch.rejected.append(fault)
                else:
                    batch.rows.append(span_row(span, source))
    return batch


def _source(resource: Resource, scope: InstrumentationScope, resources: dict[str, str]) -> Source:
    attributes = attributes_of(resource.attributes)
    resource_json = as_json(attributes)
    resource_id = hashlib.sha256(resource_json.encode()).hexdigest()[:16]
    resources[resource_id] = resource_json
    return Source(
        resource_id=resource_id,
        service_name=text(attributes, c.SERVICE_NAME),
        scope_name=scope.name,
        scope_version=scope.version,
        scope_attributes=as_json(attributes_of(scope.attributes)) if scope.attributes else None,
    )


def fault_of(span: Span) -> str | None:
    """Why a span cannot be stored, or None."""
    name = f"span {span.name[:80]!r}"
    if len(span.trace_id) != 16 or not any(span.trace_id):
        return f"{name}: trace id {span.trace_id.hex()[:64]!r} is not 16 bytes, not all zero"
    if len(span.span_id) != 8 or not any(span.span_id):
        return f"{name}: span id {span.span_id.hex()[:64]!r} is not 8 bytes, not all zero"
    if len(span.parent_span_id) not in (0, 8):
        return f"{name}: parent span id {span.parent_span_id.hex()[:64]!r} is not 8 bytes"
    if span.start_time_unix_nano > LAST_NS:
        return f"{name}: its start lies beyond the year 2262"
    return None
