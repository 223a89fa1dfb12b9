"""Carries a program's spans to the collector, and into the spool where that fails.

`composite_llm` finds `ProgramTracerProvider` through OpenTelemetry's entry point `opentelemetry_tracer_provider`
and so never imports this package. All work happens in the batch processor's thread: the program never waits
and never sees an error of ours. The processor suppresses instrumentation while it exports, so that sending
spans makes none.
"""

import gzip
import logging
from collections.abc import Sequence
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from collector.delivery import Delivery
from collector.spool import Spool
from composite_llm import conventions as c
from composite_llm import settings

log = logging.getLogger(__name__)

PROGRAM = "composite-llm"
MOST_SPANS_WAITING = 8192
SPANS_A_BATCH = 64
"""With prompts and answers in them, larger batches come near the size receivers refuse."""
BATCH_DELAY_MS = 1000
QUICK_COMPRESSION = 1


class ProgramTracerProvider(TracerProvider):
    """Every span is kept, whatever a caller's own sampler decided about its parent."""

    def __init__(self) -> None:
        super().__init__(sampler=ALWAYS_ON, resource=program_resource())
        found = settings.load()
        self.add_span_processor(
            BatchSpanProcessor(
                SpoolingExporter(Delivery(found.collector, found.token), Spool(found.data.absolute())),
                max_queue_size=MOST_SPANS_WAITING,
                max_export_batch_size=SPANS_A_BATCH,
                schedule_delay_millis=BATCH_DELAY_MS,
            )
        )


def program_resource() -> Resource:
    """OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come before our defaults."""
    defaults = {c.SERVICE_NAME: PROGRAM, c.SERVICE_VERSION: version(PROGRAM), c.PROJECT_NAME: PROGRAM}
    return Resource.create({**defaults, **OTELResourceDetector().detect().attributes})


class SpoolingExporter(SpanExporter):
    """A batch is handed over when the collector has committed it or the spool has it on disk."""

    def __init__(self, delivery: Delivery, spool: Spool) -> None:
        self._delivery = delivery
        self._spool = spool

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        body = gzip.compress(encode_spans(spans).SerializeToString(), QUICK_COMPRESSION)
        if self._delivery.deliver(body):
            return SpanExportResult.SUCCESS
        try:
            self._spool.put(body)
        # Tracing must never break the program it watches: what neither way takes is logged and lost.
        except OSError as error:
            log.error("lost %d spans: the spool %s: %s", len(spans), self._spool.folder, error)
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self._delivery.close()
