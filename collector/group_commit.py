"""Many requests, one transaction.

A commit costs the same few milliseconds for one span as for thousands, and only one thread may write. So
requests wait in a queue while a commit runs, and the next commit takes all that came meanwhile. Each request
learns its result only once its spans are on disk; that is what makes an acknowledgement a promise.
"""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import pyarrow as pa

from collector.errors import CollectorError, QueueFull, StoreBusy, StoreError
from collector.spans.batch import Batch
from collector.spans.columns import span_table
from collector.store.interface import TraceStore

log = logging.getLogger(__name__)

MOST_SPANS_A_COMMIT = 4096
MOST_BYTES_A_COMMIT = 32 * 1024 * 1024
MOST_SPANS_WAITING = 65_536
MOST_BYTES_WAITING = 128 * 1024 * 1024
"""Spans of a kilobyte and spans of ten megabytes need the same memory while they wait."""


@dataclass(slots=True)
class Tally:
    """What has happened since the collector started, in spans."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    rejected: int = 0


class GroupCommit:
    """`submit` from any thread; `close` stores what is waiting and ends the writing thread."""

    def __init__(self, store: TraceStore, told: Sequence[Callable[[pa.Table], None]] = ()) -> None:
        """Each of `told` hears, on the writing thread, of every commit's rows that were new."""
        self.tally = Tally()
        self._told = told
        self._store = store
        self._waiting: queue.SimpleQueue[tuple[Batch, Future[None]] | None] = queue.SimpleQueue()
        self._spans_waiting = 0
        self._bytes_waiting = 0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def submit(self, batch: Batch) -> Future[None]:
        """Done once every row of the batch is committed, by this request or by an earlier one."""
        done: Future[None] = Future()
        # A sender that goes away must not cancel what the writing thread is about to finish.
        done.set_running_or_notify_cancel()
        with self._lock:
            # A single batch larger than a limit still gets its turn, when nothing else waits.
            if self._spans_waiting and (
                self._spans_waiting + len(batch) > MOST_SPANS_WAITING
                or self._bytes_waiting + batch.wire_bytes > MOST_BYTES_WAITING
            ):
                raise QueueFull
            self._spans_waiting += len(batch)
            self._bytes_waiting += batch.wire_bytes
            self.tally.received += len(batch) + len(batch.rejected)
            self.tally.rejected += len(batch.rejected)
        self._waiting.put((batch, done))
        return done

    @property
    def spans_waiting(self) -> int:
        return self._spans_waiting

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        # pyarrow loads pandas for its first array, which takes most of a second; no sender shall wait for that.
        span_table([])
        closing = False
        while not closing:
            first = self._waiting.get()
            if first is None:
                return
            group = [first]
            spans, size = len(first[0]), first[0].wire_bytes
            while spans < MOST_SPANS_A_COMMIT and size < MOST_BYTES_A_COMMIT and not self._waiting.empty():
                following = self._waiting.get()
                if following is None:
                    closing = True
                    break
                group.append(following)
                spans += len(following[0])
                size += following[0].wire_bytes
            self._commit(group)
            with self._lock:
                self._spans_waiting -= spans
                self._bytes_waiting -= size

    def _commit(self, group: list[tuple[Batch, "Future[None]"]]) -> None:
        whole = Batch.together(batch for batch, _ in group)
        try:
            fresh = self._store.land(whole) if len(whole) else span_table([])
        # A failure must reach whoever waits for it, and must not end the only thread that writes.
        except Exception as error:  # noqa: BLE001
            self._failed(group, error)
            return
        self.tally.stored += fresh.num_rows
        self.tally.duplicate += len(whole) - fresh.num_rows
        for _, done in group:
            done.set_result(None)
        self._tell(fresh)

    def _tell(self, fresh: pa.Table) -> None:
        for told in self._told:
            try:
                told(fresh)
            # The spans are safe; whoever only watches must not end the thread that writes.
            except Exception:
                log.exception("a commit could not be told of")

    def _failed(self, group: list[tuple[Batch, "Future[None]"]], error: Exception) -> None:
        """One request's fault must not fail its neighbours, so each is tried again alone."""
        if len(group) > 1 and not isinstance(error, StoreBusy):
            for single in group:
                self._commit([single])
            return
        log.error("%s could not be stored: %s", "a request" if len(group) == 1 else "requests", error)
        for _, done in group:
            done.set_exception(error if isinstance(error, CollectorError) else StoreError(str(error)))
