"""Brings spooled batches into the store, as if they had just arrived."""

import gzip
import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.errors import BodyTooLarge, NotOtlp, QueueFull, StoreError, UnstorableSpans
from collector.intake import Intake
from collector.spool.folder import UNFINISHED, Spool
from collector.spool.torn_files import read_request

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(slots=True)
class SpoolTally:
    """Files, since the start, under the names `/healthz` gives them."""

    spool_landed: int = 0
    spool_repaired: int = 0
    """Of those: left behind or cut off by a killed program or a power cut."""
    spool_set_aside: int = 0
    """Kept in `rejected`, for what of them could not be stored."""
    spool_discarded: int = 0
    """Unreadable, and removed since nobody could say that they hold no content."""


class SpoolLanding:
    """A thread that looks into the spool every second; `close` ends it after the file in hand."""

    def __init__(self, spool: Spool, intake: Intake) -> None:
        self.tally = SpoolTally()
        self._spool = spool
        self._intake = intake
        self._troubled: set[Path] = set()
        """Files something went wrong with that has been told."""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spool-landing", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self._look()
            # The folder may be away or the store unwritable for a while; the files stay for the next look.
            except (OSError, QueueFull, StoreError) as error:
                log.warning("the spool waits: %s", error)
            if self._closing.wait(SECONDS_BETWEEN_LOOKS):
                return

    def _look(self) -> None:
        for file in [*self._spool.left_over(), *self._spool.waiting()]:
            if self._closing.is_set():
                return
            try:
                self._take(file)
            except (QueueFull, StoreError):
                raise
            # Whatever is wrong with one file, the others must not wait for it. It is tried again.
            except Exception as error:  # noqa: BLE001
                self._tell_once(file, error)

    def _take(self, file: Path) -> None:
        with self._spool.claimed(file) as body:
            if body is None:
                return
            try:
                request, torn = read_request(body)
                if torn and not _spans_of(request):
                    raise NotOtlp("it ends before the end of its first span")
            except (NotOtlp, BodyTooLarge) as error:
                self._set_aside(file, None, str(error))
                return
            self._land(file, request, torn=torn)

    def _land(self, file: Path, request: ExportTraceServiceRequest, *, torn: bool) -> None:
        try:
            batch, committed = self._intake.take(request)
            committed.result()
        except UnstorableSpans as error:
            self._set_aside(file, request, str(error))
            return
        self.tally.spool_landed += 1
        if torn or file.suffix == UNFINISHED:
            self.tally.spool_repaired += 1
        if torn:
            log.warning(
                "%s was cut off while it was written: its %d whole spans are stored, what came after is lost",
                file,
                len(batch),
            )
        if batch.rejected:
            self._set_aside(file, request, batch.rejection())
        else:
            # Only now, after the commit: a crash in between lands the file again, and changes nothing.
            file.unlink(missing_ok=True)

    def _set_aside(self, file: Path, request: ExportTraceServiceRequest | None, reason: str) -> None:
        """Keep the file for somebody to look at, as far as its content may be kept; `request` has been
        through the intake, and so holds no more than that."""
        policy = self._intake.policy
        if policy.keeps_all:
            kept = self._spool.set_aside(file)
        elif request is not None:
            kept = self._spool.set_aside_as(file, gzip.compress(request.SerializeToString()))
        else:
            file.unlink(missing_ok=True)
            self.tally.spool_discarded += 1
            log.error(
                "%s cannot be read: %s. It was removed, since with content %r nothing is kept that cannot be read",
                file,
                policy.words(reason),
                policy.content,
            )
            return
        self.tally.spool_set_aside += 1
        log.error("%s is kept as %s: %s", file, kept, policy.words(reason))

    def _tell_once(self, file: Path, error: Exception) -> None:
        if file not in self._troubled:
            self._troubled.add(file)
            log.error("%s waits, something is wrong with it: %s: %s", file, type(error).__name__, error)


def _spans_of(request: ExportTraceServiceRequest) -> int:
    return sum(len(scope.spans) for resource in request.resource_spans for scope in resource.scope_spans)
