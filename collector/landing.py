"""Brings spooled batches into the store, as if they had just arrived."""

import logging
import threading
from pathlib import Path

from collector.errors import BodyTooLarge, NotOtlp, QueueFull, StoreError, UnstorableSpans
from collector.inflate import inflate
from collector.intake import Intake
from collector.otlp import from_protobuf
from collector.spool import Spool

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0


class SpoolLanding:
    """A thread that looks into the spool every second; `close` ends it after the file in hand."""

    def __init__(self, spool: Spool, intake: Intake) -> None:
        self.landed = 0
        """Files, since the start."""
        self._spool = spool
        self._intake = intake
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
        for file in self._spool.waiting():
            if self._closing.is_set():
                return
            try:
                self._land(file)
            except (NotOtlp, BodyTooLarge, UnstorableSpans) as error:
                log.error("%s cannot be read, kept as %s: %s", file, self._spool.set_aside(file), error)

    def _land(self, file: Path) -> None:
        batch, committed = self._intake.take(from_protobuf(inflate(file.read_bytes())))
        committed.result()
        self.landed += 1
        if batch.rejected:
            log.error("%s kept as %s: %s", file, self._spool.set_aside(file), batch.rejection())
        else:
            # Only now, after the commit: a crash in between lands the file again, and changes nothing.
            file.unlink()
