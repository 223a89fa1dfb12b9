"""Stored spans as OTLP again, equal to what came in.

Only the order of attributes is not kept, which OTLP gives no meaning.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
    KeyValueList,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status, TracesData

from collector.queries import all_attributes
from collector.spans.attribute_values import Value

Row = Mapping[str, Any]
"""A row of the question `trace_otlp`."""

ID_KEYS = ("traceId", "spanId", "parentSpanId")


def traces_data(rows: Iterable[Row]) -> TracesData:
    """The spans of the rows, under the resources and scopes they came with."""
    data = TracesData()
    resources: dict[str, ResourceSpans] = {}
    scopes: dict[tuple[str, str | None], ScopeSpans] = {}
    for row in rows:
        resource_id, scope_id = row["resource_id"], row["scope_id"]
        if resource_id not in resources:
            resources[resource_id] = data.resource_spans.add(
                resource=_resource(row), schema_url=row["resource_schema_url"] or ""
            )
        if (resource_id, scope_id) not in scopes:
            scopes[resource_id, scope_id] = resources[resource_id].scope_spans.add(
                scope=_scope(row), schema_url=row["scope_schema_url"] or ""
            )
        scopes[resource_id, scope_id].spans.append(_span(row))
    return data


def to_json(data: TracesData) -> bytes:
    """OTLP/JSON: ids in hex, where protobuf's own JSON mapping writes base64."""
    message = json_format.MessageToDict(data, use_integers_for_enums=True)
    for resource_spans in message.get("resourceSpans", ()):
        for scope_spans in resource_spans.get("scopeSpans", ()):
            for span in scope_spans.get("spans", ()):
                _hex_ids(span)
                for link in span.get("links", ()):
                    _hex_ids(link)
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _hex_ids(holder: dict[str, Any]) -> None:
    for key in ID_KEYS:
        if key in holder:
            holder[key] = base64.b64decode(holder[key]).hex()


def _resource(row: Row) -> Resource:
    if row["resource_otlp"] is not None:
        return Resource.FromString(row["resource_otlp"])
    return Resource(attributes=_key_values(json.loads(row["resource_attributes"] or "{}")))


def _scope(row: Row) -> InstrumentationScope:
    if row["scope_otlp"] is not None:
        return InstrumentationScope.FromString(row["scope_otlp"])
    return InstrumentationScope(
        name=row["scope_name"] or "",
        version=row["scope_version"] or "",
        attributes=_key_values(json.loads(row["scope_attributes"] or "{}")),
    )


def _span(row: Row) -> Span:
    if row["otlp"] is not None:
        return Span.FromString(row["otlp"])
    return Span(
        trace_id=bytes.fromhex(row["trace_id"]),
        span_id=bytes.fromhex(row["span_id"]),
        parent_span_id=bytes.fromhex(row["parent_span_id"] or ""),
        trace_state=row["trace_state"] or "",
        flags=row["flags"],
        name=row["name"],
        kind=row["kind"],
        start_time_unix_nano=row["start_ns"],
        end_time_unix_nano=row["start_ns"] + row["duration_ns"],
        attributes=_key_values(all_attributes(row)),
        dropped_attributes_count=row["dropped_attributes"],
        events=[_event(event) for event in json.loads(row["events"] or "[]")],
        dropped_events_count=row["dropped_events"],
        links=[_link(link) for link in json.loads(row["links"] or "[]")],
        dropped_links_count=row["dropped_links"],
        status=Status(code=row["status_code"], message=row["status_message"] or ""),
    )


def _event(event: Mapping[str, Any]) -> Span.Event:
    return Span.Event(
        name=event["name"],
        time_unix_nano=event["time_ns"],
        attributes=_key_values(event["attributes"]),
        # Spans stored before schema version 2 do not tell.
        dropped_attributes_count=event.get("dropped_attributes", 0),
    )


def _link(link: Mapping[str, Any]) -> Span.Link:
    return Span.Link(
        trace_id=bytes.fromhex(link["trace_id"]),
        span_id=bytes.fromhex(link["span_id"]),
        trace_state=link["trace_state"],
        attributes=_key_values(link["attributes"]),
        dropped_attributes_count=link.get("dropped_attributes", 0),
        flags=link.get("flags", 0),
    )


def _key_values(attributes: Mapping[str, Value]) -> list[KeyValue]:
    return [KeyValue(key=key, value=_any_value(value)) for key, value in attributes.items()]


def _any_value(value: Value) -> AnyValue:
    match value:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case str():
            return AnyValue(string_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[_any_value(item) for item in value]))
        case dict():
            return AnyValue(kvlist_value=KeyValueList(values=_key_values(value)))
