"""Carries a program's spans to the collector, and into the spool where that fails.

`composite_llm` finds `ProgramTracerProvider` through OpenTelemetry's entry point `opentelemetry_tracer_provider`
and so never imports this package. All work happens in the batch processor's thread: the program never waits
and never sees an error of ours. The processor suppresses instrumentation while it exports, so that sending
spans makes none.
"""

import gzip
import logging
from collections import deque
from collections.abc import Sequence
from importlib.metadata import version
from typing import NamedTuple

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from collector.sending.delivery import Delivery
from collector.sending.encoding import encoded
from collector.sending.lost_spans import say_lost
from collector.sending.spilling import Losses, SpillingProcessor
from collector.spool.folder import Spool
from composite_llm import conventions as c
from composite_llm import settings

log = logging.getLogger(__name__)

PROGRAM = "composite-llm"
QUICK_COMPRESSION = 1
MOST_BYTES_A_BODY = 32 * 1024 * 1024
"""Before compression; OTLP lets receivers refuse 64 MiB."""
MOST_BYTES_WAITING = 64 * 1024 * 1024
"""Compressed, in memory, while neither the collector nor the disk takes any."""


class Parcel(NamedTuple):
    body: bytes
    spans: int
    lost: int
    """How many spans it says were lost before it."""


class ProgramTracerProvider(TracerProvider):
    """Every span is kept, whatever a caller's own sampler decided about its parent."""

    def __init__(self) -> None:
        super().__init__(sampler=ALWAYS_ON, resource=program_resource())
        found = settings.load()
        spool = Spool(found.data.absolute())
        losses = Losses()
        delivering = SpoolingExporter(Delivery(found.collector, found.token), spool, losses)
        spooling = SpoolingExporter(None, spool, losses)
        self.add_span_processor(SpillingProcessor(delivering, spooling, losses))


def program_resource() -> Resource:
    """OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come before our defaults."""
    defaults = {c.SERVICE_NAME: PROGRAM, c.SERVICE_VERSION: version(PROGRAM), c.PROJECT_NAME: PROGRAM}
    return Resource.create({**defaults, **OTELResourceDetector().detect().attributes})


class SpoolingExporter(SpanExporter):
    """A batch is handed over when the collector has committed it or the spool has it on disk.

    While neither takes any, batches wait in memory, up to a limit, and are tried again with every batch that
    follows and when the program ends.
    """

    def __init__(self, delivery: Delivery | None, spool: Spool, losses: Losses) -> None:
        """Without a `delivery`, everything goes to the spool."""
        self._delivery = delivery
        self._spool = spool
        self._losses = losses
        self._waiting: deque[Parcel] = deque()
        self._spool_fails = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._pack(spans)
        while self._waiting and self._handed_over(self._waiting[0]):
            self._waiting.popleft()
        while sum(len(parcel.body) for parcel in self._waiting) > MOST_BYTES_WAITING:
            self._give_up(self._waiting.popleft())
        return SpanExportResult.FAILURE if self._waiting else SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self.export(())
        while self._waiting:
            self._give_up(self._waiting.popleft())
        if self._delivery:
            self._delivery.close()

    def _pack(self, spans: Sequence[ReadableSpan]) -> None:
        """Compress the spans, in several bodies where one would be larger than receivers take."""
        if not spans:
            return
        request = encoded(spans)
        if len(spans) > 1 and request.ByteSize() > MOST_BYTES_A_BODY:
            self._pack(spans[: len(spans) // 2])
            self._pack(spans[len(spans) // 2 :])
            return
        lost = self._losses.take()
        if lost:
            say_lost(request, lost)
        body = gzip.compress(request.SerializeToString(), QUICK_COMPRESSION)
        self._waiting.append(Parcel(body, len(spans), lost))

    def _handed_over(self, parcel: Parcel) -> bool:
        if self._delivery and self._delivery.deliver(parcel.body):
            return True
        try:
            self._spool.put(parcel.body)
        except OSError as error:
            # Once an outage, not once a batch.
            if not self._spool_fails:
                log.error(
                    "spans wait in memory, the spool %s cannot be written: %s", self._spool.folder, error
                )
            self._spool_fails = True
            return False
        self._spool_fails = False
        return True

    def _give_up(self, parcel: Parcel) -> None:
        """Tracing must never break the program it watches: what nobody takes is told and lost."""
        reason = f"neither a collector nor the spool {self._spool.folder} took them"
        self._losses.add(parcel.spans, reason, said_before=parcel.lost)
