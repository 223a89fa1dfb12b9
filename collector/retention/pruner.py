"""Keeps the store within its limits, every hour and when somebody asks for it."""

import logging
import threading
import time
from dataclasses import asdict
from typing import Any

from collector.errors import PruneRunning, StoreError
from collector.retention.limits import Limits, Pruned
from collector.store.interface import TraceStore

log = logging.getLogger(__name__)

SECONDS_BEFORE_FIRST = 5.0
"""A collector that has just started has spooled spans to land and a dashboard waiting."""
SECONDS_BETWEEN = 3600.0


class Pruner:
    """A thread where there are limits to keep; `close` ends it, and a prune in hand with it."""

    def __init__(self, store: TraceStore, limits: Limits) -> None:
        self.limits = limits
        self.last: Pruned | None = None
        """What went most recently, by whomever asked."""
        self.error = ""
        """Why the last prune of the thread failed; else empty."""
        self._store = store
        self._closing = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="pruner", daemon=True)
        if limits:
            self._thread.start()

    def prune(self, limits: Limits, *, dry_run: bool) -> Pruned:
        """Raises PruneRunning, or StoreError where the store cannot."""
        if not self._one_at_a_time.acquire(blocking=False):
            raise PruneRunning
        try:
            pruned = self._store.prune(limits, now_ns=time.time_ns(), dry_run=dry_run, stop=self._closing)
        finally:
            self._one_at_a_time.release()
        if not dry_run:
            self.last = pruned
        return pruned

    def state(self) -> dict[str, Any]:
        """For /healthz: all but the days, which may be many."""
        last = asdict(self.last) if self.last else {}
        last.pop("days", None)
        return {**asdict(self.limits), "last": last or None, "error": self.error}

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
        # Somebody's own prune ends soon, too.
        with self._one_at_a_time:
            pass

    def _run(self) -> None:
        wait = SECONDS_BEFORE_FIRST
        while not self._closing.wait(wait):
            wait = SECONDS_BETWEEN
            try:
                self.prune(self.limits, dry_run=False)
                self.error = ""
            except PruneRunning:
                continue
            except StoreError as error:
                self.error = str(error)
                log.warning("the store could not be pruned: %s", error)
