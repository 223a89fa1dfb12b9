"""OTLP trace export requests, in protobuf or JSON, as rows.

A bad span is left out and named; the good ones around it are kept. Only a body that is no export request
at all is refused whole.
"""

import base64
import hashlib
import json
import re
import time
from collections.abc import Iterator
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from collector.errors import NotOtlp
from collector.spans.attribute_values import attributes_of
from collector.spans.batch import Batch, ResourceRow, ScopeRow
from collector.spans.promotion import as_json, text
from collector.spans.rows import LAST_NS, Source, span_row
from composite_llm import conventions as c

BAD_JSON = (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)
HEX = re.compile(r"[0-9a-fA-F]*")
UNREADABLE = b"unreadable"
"""In the place of a trace id, and no 16 bytes: a span that could not be read, with the reason in its status."""
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def from_protobuf(body: bytes) -> ExportTraceServiceRequest:
    try:
        return ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise NotOtlp(f"the body is not a protobuf ExportTraceServiceRequest: {error}") from error


def from_json(body: bytes) -> ExportTraceServiceRequest:
    try:
        request = _parsed(body.decode())
        _base64_ids(request)
        return _message(request)
    # Hostile values make the parsers raise all of these, as fuzzing shows.
    except (*BAD_JSON, json_format.ParseError) as error:
        raise NotOtlp(f"the body is not a JSON ExportTraceServiceRequest: {error}") from error


PARSERS = {"protobuf": from_protobuf, "json": from_json}
"""By the names of the two encodings of OTLP."""


def _parsed(text: str) -> Any:
    """JSON may escape half of a character, as texts cut in the middle do; protobuf has no such text."""
    request = json.loads(text)
    if SURROGATE.search(text):
        return json.loads(json.dumps(request, ensure_ascii=False).encode(errors="replace"))
    return request


def _message(request: Any) -> ExportTraceServiceRequest:
    try:
        return json_format.ParseDict(request, ExportTraceServiceRequest(), ignore_unknown_fields=True)
    except (*BAD_JSON, json_format.ParseError):
        _mark_unreadable(request)
        return json_format.ParseDict(request, ExportTraceServiceRequest(), ignore_unknown_fields=True)


def _mark_unreadable(request: Any) -> None:
    """In the place of each span that is none comes one that says why, to be rejected by itself."""
    for spans in _span_lists(request):
        for place, span in enumerate(spans):
            if reason := _unreadable(span):
                name = span.get("name") if isinstance(span, dict) else None
                spans[place] = {
                    "traceId": base64.b64encode(UNREADABLE).decode(),
                    "name": name if isinstance(name, str) else "",
                    "status": {"message": reason},
                }


def _unreadable(span: Any) -> str | None:
    """Why it is no span, or None."""
    if not isinstance(span, dict):
        return "it is no object"
    try:
        json_format.ParseDict(span, Span(), ignore_unknown_fields=True)
    except (*BAD_JSON, json_format.ParseError) as error:
        return str(error) or type(error).__name__
    return None


def _base64_ids(request: Any) -> None:
    """OTLP/JSON writes ids as hex, where protobuf's own JSON mapping expects base64."""
    for spans in _span_lists(request):
        for span in spans:
            if not isinstance(span, dict):
                continue
            for key in ("traceId", "spanId", "parentSpanId"):
                _base64_id(span, key)
            links = span.get("links")
            for link in links if isinstance(links, list) else ():
                for key in ("traceId", "spanId"):
                    _base64_id(link, key)


def _span_lists(request: Any) -> Iterator[list[Any]]:
    for resource_spans in _objects(request, "resourceSpans"):
        for scope_spans in _objects(resource_spans, "scopeSpans"):
            spans = scope_spans.get("spans") or []
            if not isinstance(spans, list):
                raise TypeError("spans must be a list")
            yield spans


def _objects(holder: Any, key: str) -> list[Any]:
    if not isinstance(holder, dict):
        raise TypeError("it is no object")
    found = holder.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise TypeError(f"{key} must be a list of objects")
    return found


def _base64_id(holder: Any, key: str) -> None:
    """An id that is no hex becomes an empty one, so that only its own span is rejected. Null is none."""
    if not isinstance(holder, dict) or holder.get(key) is None:
        return
    try:
        identifier = bytes.fromhex(holder[key]) if HEX.fullmatch(holder[key]) else b"\0"
    except (ValueError, TypeError):
        identifier = b"\0"
    holder[key] = base64.b64encode(identifier).decode()


def batch_of(
    request: ExportTraceServiceRequest, landed_ns: int | None = None, wire_bytes: int | None = None
) -> Batch:
    """The rows of a request that came at `landed_ns`, or now, in that many bytes; they are counted if not told."""
    batch = Batch(wire_bytes=request.ByteSize() if wire_bytes is None else wire_bytes)
    landed_ns = landed_ns or time.time_ns()
    for resource_spans in request.resource_spans:
        resource = _resource_row(resource_spans)
        batch.resources[resource.resource_id] = resource
        for scope_spans in resource_spans.scope_spans:
            scope = _scope_row(scope_spans)
            batch.scopes[scope.scope_id] = scope
            source = Source(
                resource_id=resource.resource_id,
                service_name=text(json.loads(resource.attributes), c.SERVICE_NAME),
                scope_id=scope.scope_id,
                scope_name=scope.name,
                scope_version=scope.version,
                landed_ns=landed_ns,
                largest_bytes=batch.wire_bytes,
            )
            for span in scope_spans.spans:
                if fault := fault_of(span):
                    batch.rejected.append(fault)
                else:
                    batch.rows.append(span_row(span, source))
    return batch


def _resource_row(spans: ResourceSpans) -> ResourceRow:
    otlp = spans.resource.SerializeToString()
    attributes = as_json(attributes_of(spans.resource.attributes, set()))
    return ResourceRow(_digest(otlp, spans.schema_url), attributes, spans.schema_url or None, otlp)


def _scope_row(spans: ScopeSpans) -> ScopeRow:
    scope = spans.scope
    otlp = scope.SerializeToString()
    attributes = as_json(attributes_of(scope.attributes, set()))
    scope_id = _digest(otlp, spans.schema_url)
    return ScopeRow(scope_id, scope.name, scope.version, attributes, spans.schema_url or None, otlp)


def _digest(otlp: bytes, schema_url: str) -> str:
    return hashlib.sha256(otlp + b"\0" + schema_url.encode()).hexdigest()[:16]


def fault_of(span: Span) -> str | None:
    """Why a span cannot be stored, or None."""
    fault = _fault_of(span)
    return fault and f"span {span.name[:80]!r}: {fault}"


def _fault_of(span: Span) -> str | None:
    if span.trace_id == UNREADABLE:
        return span.status.message[:300]
    if len(span.trace_id) != 16 or not any(span.trace_id):
        return f"trace id {span.trace_id.hex()[:64]!r} is not 16 bytes, not all zero"
    if len(span.span_id) != 8 or not any(span.span_id):
        return f"span id {span.span_id.hex()[:64]!r} is not 8 bytes, not all zero"
    if len(span.parent_span_id) not in (0, 8):
        return f"parent span id {span.parent_span_id.hex()[:64]!r} is not 8 bytes"
    if span.start_time_unix_nano > LAST_NS:
        return "its start lies beyond the year 2262"
    return None
