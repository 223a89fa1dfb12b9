"""Spans on their way to the exporter's thread, and what happens when they come faster than it works.

The SDK's batch processor drops the oldest span when 8,192 wait, and says to nobody how many. It has no hook for
that, so the spans in it are counted from outside: what finds it full goes to a second one, which writes to the
spool without asking any collector. Only what finds both full is dropped, and counted.
"""

import logging
import os
import threading
from collections.abc import Callable, Sequence

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

log = logging.getLogger(__name__)

MOST_SPANS_WAITING = 8192
SPANS_A_BATCH = 64
"""With prompts and answers in them, larger batches come near the size receivers refuse."""
BATCH_DELAY_MS = 1000


class Losses:
    """Spans that were dropped and not told yet. The batch that follows takes the number with it."""

    def __init__(self) -> None:
        self._untold = 0
        self._lock = threading.Lock()

    def add(self, spans: int, reason: str, said_before: int = 0) -> None:
        """`said_before` are older ones, whose message was lost as well."""
        with self._lock:
            first = not self._untold
            self._untold += spans + said_before
        if first:  # once a gap, not once a span
            log.error("lost %d spans or more: %s", spans, reason)

    def take(self) -> int:
        with self._lock:
            untold, self._untold = self._untold, 0
        return untold


class SpillingProcessor(SpanProcessor):
    def __init__(self, exporter: SpanExporter, overflow: SpanExporter, losses: Losses) -> None:
        self._losses = losses
        self._first = Lane(exporter)
        self._overflow_exporter = overflow
        self._overflow: Lane | None = None
        """Made when it is first needed, since most programs never do."""
        self._making = threading.Lock()

    def on_end(self, span: ReadableSpan) -> None:
        if not (span.context and span.context.trace_flags.sampled) or self._first.take(span):
            return
        if not self._overflow_lane().take(span):
            self._losses.add(1, "they came faster than the collector and the disk took them")

    def shutdown(self) -> None:
        for lane in self._lanes():
            left = lane.shutdown()
            if left:
                log.error("lost %d spans: the program ended before they could be sent or written", left)

    def force_flush(self, timeout_millis: int | None = None) -> bool:
        flushed = [lane.processor.force_flush(timeout_millis) for lane in self._lanes()]
        return all(flushed)

    def _overflow_lane(self) -> "Lane":
        with self._making:
            if self._overflow is None:
                log.warning("spans come faster than they can be sent: some go straight to the spool")
                self._overflow = Lane(self._overflow_exporter)
            return self._overflow

    def _lanes(self) -> list["Lane"]:
        return [lane for lane in (self._first, self._overflow) if lane is not None]


class Lane:
    """A batch processor that is full when it is full."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._forget()
        self._most = MOST_SPANS_WAITING
        self.processor = BatchSpanProcessor(
            Counted(exporter, self._left),
            # Never full: a span counts as waiting until it is exported.
            max_queue_size=self._most,
            max_export_batch_size=SPANS_A_BATCH,
            schedule_delay_millis=BATCH_DELAY_MS,
        )

    def take(self, span: ReadableSpan) -> bool:
        """False, and the span not taken, when as many wait as may."""
        if self._pid != os.getpid():  # after a fork the SDK empties the queue, which is the parent's to send
            self._forget()
        with self._lock:
            if self._waiting >= self._most:
                return False
            self._waiting += 1
        self.processor.on_end(span)
        return True

    def shutdown(self) -> int:
        """How many spans were left behind."""
        self.processor.shutdown()
        with self._lock:
            return self._waiting

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._waiting = 0

    def _left(self, spans: int) -> None:
        with self._lock:
            self._waiting = max(0, self._waiting - spans)


class Counted(SpanExporter):
    """Tells how many spans have been exported, one way or the other."""

    def __init__(self, exporter: SpanExporter, left: Callable[[int], None]) -> None:
        self._exporter = exporter
        self._left = left

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            return self._exporter.export(spans)
        finally:
            self._left(len(spans))

    def shutdown(self) -> None:
        self._exporter.shutdown()
