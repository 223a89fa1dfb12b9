"""What came in can leave again equal, in every field of OTLP."""

import json
import uuid

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status, TracesData

from collector.parameters import OneTrace
from collector.queries import trace_otlp
from collector.spans import otlp, otlp_export
from composite_llm import conventions as c
from tests.otlp_traces import NOON, SECOND, key_values

TRACE = bytes(range(1, 17))
NESTED = {
    "text": "héllo \u0000 \U0001f30d",
    "empty text": "",
    "nothing": None,
    "yes": True,
    "int": -(2**63),
    "whole double": 70.0,
    "double": 0.1,
    "list": [1, 2.0, "three", None, [False]],
    "map": {"a": {"b": [{"c": b"\x00\xff"}]}},
    "bytes": b"\x00\x01\xfe",
    "nan": float("nan"),
    "infinity": float("-inf"),
    c.INPUT_VALUE: "what was asked",
    c.OUTPUT_VALUE: {"structured": "answer"},
    c.INPUT_MESSAGES: "[]",
    c.OUTPUT_MESSAGES: "",
}


def every_field() -> TracesData:
    """Two resources, three scopes, and each field of a span set to what it is not by default."""
    full = Span(
        trace_id=TRACE,
        span_id=b"\1" * 8,
        parent_span_id=b"\2" * 8,
        trace_state="vendor=1,other=2",
        flags=0x301,
        name="full",
        kind=Span.SPAN_KIND_CONSUMER,
        start_time_unix_nano=NOON,
        end_time_unix_nano=NOON + SECOND + 1,
        attributes=key_values(NESTED),
        dropped_attributes_count=3,
        events=[
            Span.Event(name="e", time_unix_nano=NOON + 1, attributes=key_values({"n": 1.0, "m": {"k": []}})),
            Span.Event(name="", time_unix_nano=0, dropped_attributes_count=2),
        ],
        dropped_events_count=4,
        links=[
            Span.Link(
                trace_id=b"\3" * 16,
                span_id=b"\4" * 8,
                trace_state="a=b",
                attributes=key_values({"why": "because"}),
                dropped_attributes_count=5,
                flags=0x101,
            )
        ],
        dropped_links_count=6,
        status=Status(code=Status.STATUS_CODE_ERROR, message="broke"),
    )
    plain = Span(trace_id=TRACE, span_id=b"\5" * 8, name="plain", start_time_unix_nano=NOON, status=Status())
    plain.end_time_unix_nano = NOON + SECOND
    plain.attributes.extend(key_values({"k": "v", "n": 2, "d": 3.0, c.INPUT_VALUE: "asked"}))
    backwards = Span(trace_id=TRACE, span_id=b"\6" * 8, start_time_unix_nano=NOON, end_time_unix_nano=5)
    late = Span(trace_id=TRACE, span_id=b"\7" * 8, start_time_unix_nano=1, end_time_unix_nano=2**64 - 1)
    twice = Span(trace_id=TRACE, span_id=b"\x08" * 8, start_time_unix_nano=NOON, end_time_unix_nano=NOON)
    twice.attributes.extend([*key_values({"k": "first"}), *key_values({"k": "second"})])
    data = TracesData()
    first = data.resource_spans.add(schema_url="https://opentelemetry.io/schemas/1.30.0")
    first.resource.attributes.extend(key_values({"service.name": "a", "raw": b"\1"}))
    first.resource.dropped_attributes_count = 7
    scoped = first.scope_spans.add(schema_url="https://opentelemetry.io/schemas/1.31.0", spans=[full, plain])
    scoped.scope.name, scoped.scope.version = "library", "1.2"
    scoped.scope.attributes.extend(key_values({"scope": [1, 2]}))
    scoped.scope.dropped_attributes_count = 8
    first.scope_spans.add(spans=[backwards, late])
    second = data.resource_spans.add()
    second.scope_spans.add(spans=[twice]).scope.name = "library"
    return data


def in_one_order(data: TracesData) -> list:
    """Each span with where it came from, attributes by key, so that only meaning is compared."""
    spans = []
    for resource_spans in data.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            above = (
                MessageToDict(ResourceSpans(resource=resource_spans.resource)),
                resource_spans.schema_url,
                MessageToDict(ScopeSpans(scope=scope_spans.scope)),
                scope_spans.schema_url,
            )
            for span in scope_spans.spans:
                # A status that is there and says nothing means the same as none.
                span.status.SetInParent()
                told = MessageToDict(span)
                told["attributes"] = sorted(told.get("attributes", ()), key=json.dumps)
                spans.append((span.span_id, json.dumps([above, told], sort_keys=True)))
    return sorted(spans)


def stored(store, data: TracesData) -> TracesData:
    request = ExportTraceServiceRequest.FromString(data.SerializeToString())
    batch = otlp.batch_of(request)
    assert batch.rejected == []
    store.land(batch)
    trace_id = data.resource_spans[0].scope_spans[0].spans[0].trace_id.hex()
    return otlp_export.traces_data(trace_otlp(store, OneTrace(trace_id=trace_id)).to_pylist())


def test_every_field_comes_back(store):
    data = every_field()

    assert in_one_order(stored(store, data)) == in_one_order(data)


def test_as_json_it_can_be_sent_again(store):
    data = every_field()

    body = otlp_export.to_json(stored(store, data))

    again = otlp.from_json(body)
    assert in_one_order(TracesData.FromString(again.SerializeToString())) == in_one_order(data)


def test_only_odd_spans_are_kept_twice(store):
    data = every_field()

    stored(store, data)

    rows = trace_otlp(store, OneTrace(trace_id=TRACE.hex())).to_pylist()
    assert {row["name"]: row["otlp"] is not None for row in rows if row["name"]} == {
        "full": True,
        "plain": False,
    }


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.builds(lambda: AnyValue())
    | texts.map(lambda text: AnyValue(string_value=text))
    | st.booleans().map(lambda flag: AnyValue(bool_value=flag))
    | st.integers(-(2**63), 2**63 - 1).map(lambda number: AnyValue(int_value=number))
    | st.floats().map(lambda number: AnyValue(double_value=number))
    | st.binary(max_size=6).map(lambda data: AnyValue(bytes_value=data)),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: AnyValue(array_value=ArrayValue(values=items)))
        | st.lists(st.builds(KeyValue, key=texts, value=inner), max_size=3).map(
            lambda pairs: AnyValue(kvlist_value=KeyValueList(values=pairs))
        )
    ),
    max_leaves=6,
)
keys = texts | st.sampled_from([c.INPUT_VALUE, c.OUTPUT_VALUE, c.INPUT_MESSAGES, c.SPAN_TYPE, c.INPUT_TOKENS])
attributes = st.lists(st.builds(KeyValue, key=keys, value=values), max_size=4)
counts = st.integers(0, 2**32 - 1)
spans = st.builds(
    Span,
    span_id=st.binary(min_size=8, max_size=8).filter(any),
    parent_span_id=st.just(b"") | st.binary(min_size=8, max_size=8).filter(any),
    trace_state=texts,
    flags=counts,
    name=texts,
    kind=st.integers(0, 5),
    start_time_unix_nano=st.integers(0, 2**63 - 2),
    end_time_unix_nano=st.integers(0, 2**64 - 1),
    attributes=attributes,
    dropped_attributes_count=counts,
    events=st.lists(
        st.builds(Span.Event, name=texts, time_unix_nano=st.integers(0, 2**64 - 1), attributes=attributes),
        max_size=2,
    ),
    links=st.lists(
        st.builds(
            Span.Link, trace_id=st.binary(max_size=16), span_id=st.binary(max_size=8), attributes=attributes
        ),
        max_size=2,
    ),
    status=st.builds(Status, code=st.integers(0, 2), message=texts),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(span=spans, resource=attributes)
def test_any_valid_span_comes_back(store, span, resource):
    # A trace of its own each time: the store keeps what came first.
    span.trace_id = uuid.uuid4().bytes
    data = TracesData()
    came_from = data.resource_spans.add()
    came_from.resource.attributes.extend(resource)
    came_from.scope_spans.add(spans=[span])

    assert in_one_order(stored(store, data)) == in_one_order(data)


@pytest.mark.parametrize("identifier", ["traceId", "spanId"])
def test_ids_leave_as_hex(identifier):
    [span] = [
        span
        for resource in json.loads(otlp_export.to_json(every_field()))["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
        if span.get("name") == "full"
    ]

    assert span[identifier] == (TRACE if identifier == "traceId" else b"\1" * 8).hex()
