"""A whole trace by the client, as it came."""

import json

import pytest

from collector.client import CollectorClient
from collector.errors import QuestionError
from tests.collector.running import running_collector
from tests.otlp_traces import moa_trace, span_hex, trace_hex


def test_a_trace_is_given_out_as_otlp_json(tmp_path):
    with running_collector(tmp_path) as running, CollectorClient(running.url) as client:
        running.send(moa_trace(1))
        told = json.loads(client.otlp(trace_hex(1)))

        [resource_spans] = told["resourceSpans"]
        [scope_spans] = resource_spans["scopeSpans"]
        assert sorted(span["spanId"] for span in scope_spans["spans"]) == [span_hex(n) for n in range(1, 8)]
        with pytest.raises(QuestionError, match="there is no trace"):
            client.otlp(trace_hex(2))
        with pytest.raises(QuestionError):
            client.otlp("../healthz")
