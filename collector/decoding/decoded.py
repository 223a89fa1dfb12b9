"""What becomes of a request, wherever it is decoded: as far as it may be kept, in rows, ready to be stored."""

from typing import NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.content.policy import ContentPolicy
from collector.sending.lost_spans import lost_before
from collector.spans.batch import Batch
from collector.spans.otlp import batch_of


class Decoded(NamedTuple):
    batch: Batch
    lost: int
    """Spans that the sender says it had to drop."""


def decoded(
    request: ExportTraceServiceRequest, policy: ContentPolicy, wire_bytes: int | None = None
) -> Decoded:
    """The request came in so many bytes, if known. From here on it holds no more than may be kept."""
    policy.apply(request)
    batch = batch_of(request, wire_bytes=wire_bytes)
    batch.make_ready()
    return Decoded(batch, lost_before(request))
