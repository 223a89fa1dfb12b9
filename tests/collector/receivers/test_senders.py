"""OpenTelemetry's own exporters, as they come from its registries, against a collector that wants a token."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as over_grpc
from opentelemetry.exporter.otlp.proto.http import trace_exporter as over_http
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode, TraceFlags, TraceState

from collector.receivers.access import Access
from collector.receivers.doors import Doors
from tests.collector.running import running_collector
from tests.otlp_traces import any_value

TOKEN = "s3cret/with+signs="
IN_A_HEADER = "authorization=Bearer%20s3cret%2Fwith%2Bsigns%3D"
NODE_PACKAGES = Path(__file__).parent / "node"
SECOND = 1_000_000_000


@pytest.fixture(scope="module")
def collector(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    doors = Doors(access=Access(token=TOKEN), grpc_port=0)
    with pytest.MonkeyPatch.context() as environment, running_collector(data, doors) as running:
        environment.setenv("COMPOSITE_LLM_TOKEN", TOKEN)
        yield running


@pytest.mark.parametrize(
    ("exporters", "compression"),
    [
        (over_http, None),
        (over_http, "gzip"),
        (over_http, "deflate"),
        (over_grpc, None),
        (over_grpc, "gzip"),
    ],
)
def test_python(collector, monkeypatch, exporters, compression):
    where = collector.url if exporters is over_http else f"http://{collector.inside.grpc}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", where)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", IN_A_HEADER)
    if compression:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", compression)
    memory = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"service.name": "python"}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    provider.add_span_processor(BatchSpanProcessor(exporters.OTLPSpanExporter()))
    _record_everything(provider)
    provider.shutdown()

    sent = memory.get_finished_spans()
    stored = collector.stored(f"{sent[0].context.trace_id:032x}")
    # OpenTelemetry's own encoding says what there was to store.
    [scope_spans] = encode_spans(sent).resource_spans[0].scope_spans
    assert [_in_order(stored[span.name]) for span in scope_spans.spans] == [
        _in_order(span) for span in scope_spans.spans
    ]


def _record_everything(provider: TracerProvider) -> None:
    tracer = provider.get_tracer("sender", "1.2.3")
    linked = SpanContext(
        7, 9, is_remote=True, trace_flags=TraceFlags(1), trace_state=TraceState([("k", "v")])
    )
    attributes = {
        "text": "grüße",
        "yes": True,
        "whole": 2**63 - 1,
        "half": 0.5,
        "bytes": b"\0\xff",
        "nothing": None,
        "texts": ["a", "b"],
        "mixed": [1, "two", 3.5, None],
        "nested": {"deep": {"er": [True]}},
    }
    link = Link(linked, {"why": "retry"})
    with tracer.start_as_current_span(
        "root", kind=SpanKind.SERVER, attributes=attributes, links=[link]
    ) as root:
        root.add_event("half way", {"done": 0.5})
        child = tracer.start_span("child", kind=SpanKind.CLIENT)
        child.record_exception(TypeError("no such thing"))
        child.set_status(StatusCode.ERROR, "gave up")
        child.end()


def _in_order(span: Span) -> Span:
    """OTLP gives the order of attributes no meaning."""
    ordered = Span()
    ordered.CopyFrom(span)
    for holder in (ordered, *ordered.events, *ordered.links):
        attributes = sorted(holder.attributes, key=lambda attribute: attribute.key)
        del holder.attributes[:]
        holder.attributes.extend(attributes)
    return ordered


@pytest.fixture(scope="module")
def node_senders() -> Path:
    """The folder with the packages of node/package.json, kept for the next time."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("needs node and npm")
    default = Path(tempfile.gettempdir()) / f"composite-llm-otlp-senders-{os.getuid()}"
    folder = Path(os.environ.get("COMPOSITE_LLM_TEST_NODE", default))
    lock = (NODE_PACKAGES / "package-lock.json").read_bytes()
    installed = folder / "installed-package-lock.json"
    if not (installed.exists() and installed.read_bytes() == lock):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE_PACKAGES / name, folder)
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(npm, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"npm cannot install OpenTelemetry's exporters: {done.stderr[-300:]}")
        installed.write_bytes(lock)
    return folder


@pytest.fixture(scope="module")
def sent_by_node(collector, node_senders) -> dict[str, str]:
    """Trace ids by exporter."""
    done = subprocess.run(
        ["node", NODE_PACKAGES / "send.cjs", collector.url, f"http://{collector.inside.grpc}"],
        env=os.environ | {"OTLP_SENDERS": str(node_senders), "OTEL_EXPORTER_OTLP_HEADERS": IN_A_HEADER},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize("exporter", ["http", "proto", "grpc"])
def test_node(collector, sent_by_node, exporter):
    stored = collector.stored(sent_by_node[exporter])
    root, child = stored["root"], stored["child"]

    assert (root.trace_id.hex(), root.kind, len(root.span_id)) == (
        sent_by_node[exporter],
        Span.SPAN_KIND_SERVER,
        8,
    )
    assert {attribute.key: attribute.value for attribute in root.attributes} == {
        key: any_value(value)
        for key, value in {
            "text": "grüße",
            "yes": True,
            "whole": 42,
            "beyond32": 9007199254740991,
            "half": 0.5,
            "texts": ["a", "b"],
            "wholes": [1, 2],
            "flags": [True, False],
        }.items()
    }
    [link] = root.links
    assert (link.trace_id.hex(), link.span_id.hex()) == (
        "0af7651916cd43dd8448eb211c80319c",
        "b7ad6b7169203331",
    )
    assert [(key.key, key.value.string_value) for key in link.attributes] == [("why", "retry")]
    assert (root.start_time_unix_nano, root.end_time_unix_nano) == (
        1790510400 * SECOND,
        1790510403 * SECOND,
    )
    assert root.status == Status()

    assert (child.parent_span_id, child.kind) == (root.span_id, Span.SPAN_KIND_CLIENT)
    assert child.status == Status(code=Status.STATUS_CODE_ERROR, message="gave up")
    half_way, exception = child.events
    assert (half_way.name, half_way.time_unix_nano) == ("half way", 1790510401 * SECOND + SECOND // 2)
    assert exception.name == "exception"
    assert {attribute.key: attribute.value.string_value for attribute in exception.attributes}.items() >= {
        "exception.type": "TypeError",
        "exception.message": "no such thing",
    }.items()
