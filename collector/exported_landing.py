"""Takes over what the OpenTelemetry Collector's ClickHouse exporter writes, as if it had been sent here."""

import logging
import threading
import time
from typing import Protocol

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.errors import CollectorError
from collector.intake import Intake
from collector.store.interface import TraceStore

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
RECENT_NS = 3600 * 10**9
"""How late a span may be written and still be found at the next look; later ones are found by the next sweep."""
SECONDS_BETWEEN_SWEEPS = 600.0


class ExportedTable(Protocol):
    def days(self) -> list[tuple[int, int]]:
        """The days the table has spans of, from and until, the newest first."""
        ...

    def waiting(self, since_ns: int, until_ns: int) -> ExportTraceServiceRequest:
        """The earliest spans of that time that are not stored yet; empty where none is left."""
        ...


def exported_landing(store: TraceStore, intake: Intake) -> "ExportedLanding | None":
    """None where the store has no such table, as only one engine can."""
    table: ExportedTable | None = getattr(store, "exported", None)
    return ExportedLanding(table, intake) if table else None


class ExportedLanding:
    """A thread that looks at the last hour every second, and at everything when it starts and now and then."""

    def __init__(
        self,
        table: ExportedTable,
        intake: Intake,
        *,
        look_seconds: float = SECONDS_BETWEEN_LOOKS,
        sweep_seconds: float = SECONDS_BETWEEN_SWEEPS,
    ) -> None:
        self._table = table
        self._look_seconds = look_seconds
        self._sweep_seconds = sweep_seconds
        self._intake = intake
        self._next_sweep = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="exported-landing", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self._look()
            # The table may not exist yet, and the server may be away; both may change.
            except CollectorError as error:
                log.warning("the exporter's table waits: %s", error)
            if self._closing.wait(self._look_seconds):
                return

    def _look(self) -> None:
        now_ns = time.time_ns()
        self._take(now_ns - RECENT_NS, now_ns + RECENT_NS)
        if time.monotonic() < self._next_sweep:
            return
        for since_ns, until_ns in self._table.days():
            self._take(since_ns, until_ns)
        self._next_sweep = time.monotonic() + self._sweep_seconds

    def _take(self, since_ns: int, until_ns: int) -> None:
        while not self._closing.is_set():
            request = self._table.waiting(since_ns, until_ns)
            if not request.resource_spans:
                return
            _, committed = self._intake.take(request)
            committed.result()
