"""Decoding in a process beside the collector's, while many bodies come at once.

Decoding holds Python's lock, and the thread that writes needs it at every statement: in one process they take
turns, and most of the second core is idle. A process takes a moment to start and 60 MB, so there is none until it
is worth that.
"""

import logging
import os
import threading
import time

from collector.content.policy import ContentPolicy
from collector.decoding.decoded import Decoded
from collector.decoding.handover import Body
from collector.decoding.worker_process import WorkerGone, WorkerProcess

log = logging.getLogger(__name__)

SECONDS_TO_ANSWER = 8.0
"""Senders wait ten for theirs."""
SECONDS_IDLE = 30.0
SECONDS_AFTER_FAILURE = 60.0


class DecodingBeside:
    """`decoded` and `start` from any thread, `close` in the end."""

    def __init__(
        self,
        policy: ContentPolicy,
        *,
        seconds_idle: float = SECONDS_IDLE,
        seconds_to_answer: float = SECONDS_TO_ANSWER,
    ) -> None:
        """The process ends when nothing has come for so long, and is ended when it takes longer over a body."""
        self._policy = policy
        self._seconds_idle = seconds_idle
        self._seconds_to_answer = seconds_to_answer
        self._worker: WorkerProcess | None = None
        self._starting: threading.Thread | None = None
        self._not_before = 0.0
        self._closed = False
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Of the process, until somebody notices that it has ended."""
        worker = self._worker
        return worker.pid if worker else None

    def decoded(self, body: Body) -> Decoded | None:
        """None where it is to be done here: there is no process, or it could not."""
        worker = self._worker
        if worker is None:
            return None
        try:
            return worker.submit(body).result(self._seconds_to_answer)
        except WorkerGone:
            self._let_go(worker)
        except TimeoutError:
            worker.kill()
            self._let_go(worker)
        return None

    def start(self) -> None:
        """Have a process soon, if that is possible. Does not wait for it."""
        with self._lock:
            is_due = time.monotonic() >= self._not_before
            if self._worker or self._starting or self._closed or not is_due or not is_of_use():
                return
            self._starting = threading.Thread(target=self._start, name="decoding-start", daemon=True)
            self._starting.start()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            starting = self._starting
        if starting:
            starting.join()
        if self._worker:
            self._worker.close()

    def _start(self) -> None:
        try:
            worker = WorkerProcess(self._policy, self._seconds_idle)
        # Whatever keeps it from starting, this process can do without.
        except Exception as error:  # noqa: BLE001
            log.warning("bodies are decoded in one process, since another did not start: %r", error)
            worker = None
        with self._lock:
            self._worker = worker
            self._starting = None
            if worker is None:
                self._not_before = time.monotonic() + SECONDS_AFTER_FAILURE

    def _let_go(self, worker: WorkerProcess) -> None:
        """What it had in hand is decoded here, and the next when it is wanted again."""
        with self._lock:
            if self._worker is not worker:
                return
            self._worker = None
        if code := worker.close():
            self._not_before = time.monotonic() + SECONDS_AFTER_FAILURE
            log.warning(
                "the process that decodes ended with %s; what it had in hand is decoded in this one", code
            )


def is_of_use() -> bool:
    """A second process needs a second core, and a system that passes pipes on by number."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return os.name == "posix" and cores > 1
