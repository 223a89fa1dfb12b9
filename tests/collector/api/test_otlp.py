"""A trace leaves over HTTP as it came, and can be sent to another collector."""

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from collector.spans import otlp
from tests.collector.running import JSON, PROTOBUF, running_collector
from tests.otlp_traces import all_traces, export_request, moa_trace, trace_hex


def test_a_trace_leaves_as_it_came_in_either_encoding(stored):
    sent = {span.span_id: span for span in moa_trace()}

    body = httpx.get(f"{stored.url}/traces/{trace_hex(1)}/otlp", params={"encoding": "protobuf"}).content
    as_json = httpx.get(f"{stored.url}/traces/{trace_hex(1)}/otlp").content

    [resource_spans] = TracesData.FromString(body).resource_spans
    assert resource_spans.resource == export_request(all_traces()).resource_spans[0].resource
    assert {span.span_id: span.name for span in resource_spans.scope_spans[0].spans} == {
        key: span.name for key, span in sent.items()
    }
    assert otlp.from_json(as_json).SerializeToString() == body


@pytest.mark.parametrize(("encoding", "headers"), [("json", JSON), ("protobuf", PROTOBUF)])
def test_another_collector_takes_it_with_the_same_totals(stored, tmp_path, encoding, headers):
    body = httpx.get(f"{stored.url}/traces/{trace_hex(2)}/otlp", params={"encoding": encoding}).content

    with running_collector(tmp_path) as other:
        assert other.post(body, headers).status_code == 200
        there = other.ask("trace_summary", trace_id=trace_hex(2))

    assert there == stored.ask("trace_summary", trace_id=trace_hex(2))


def test_an_unknown_trace_is_a_404_that_says_so(stored):
    answer = httpx.get(f"{stored.url}/traces/{trace_hex(99)}/otlp")

    assert answer.status_code == 404
    assert "there is no trace" in answer.json()["message"]
