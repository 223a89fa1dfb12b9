"""The process that decodes, as the collector has it: bodies in, rows out, in the order in which they came."""

import os
import queue
import subprocess
import sys
import threading
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TypeAlias

from collector.content.policy import ContentPolicy
from collector.decoding.decoded import Decoded
from collector.decoding.handover import READY, Body, received_rows, send_body

PIPE_BYTES = 1024 * 1024
"""The most that users may ask for: the next body of 512 spans is there when one is done."""
SECONDS_TO_START = 30.0
SECONDS_TO_END = 5.0

Answer: TypeAlias = "Future[Decoded | None]"


class WorkerGone(Exception):
    """The process has ended. Who waits for an answer has the body still."""


class WorkerProcess:
    """Ready once it is made, which takes about half a second. Raises OSError or EOFError where it does not start."""

    def __init__(self, policy: ContentPolicy, seconds_idle: float) -> None:
        self._process, self._bodies, self._rows = _started()
        self._todo: queue.SimpleQueue[tuple[Body, Answer] | None] = queue.SimpleQueue()
        self._asked: deque[Answer] = deque()
        self._gone = False
        self._lock = threading.Lock()
        try:
            self._bodies.send((policy, seconds_idle))
            if not self._rows.poll(SECONDS_TO_START) or self._rows.recv() != READY:
                raise OSError("it does not say that it is ready")
        except BaseException:  # also Ctrl-C: a process that nobody asks must not stay
            self._reap()
            raise
        # Two, because each side would wait for the other to read once both pipes are full.
        self._writer = threading.Thread(target=self._write, name="decoding-bodies", daemon=True)
        self._reader = threading.Thread(target=self._read, name="decoding-rows", daemon=True)
        self._writer.start()
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def submit(self, body: Body) -> Answer:
        """Its rows, or None where they could not be made. It, or what it answers with, raises WorkerGone."""
        answer: Answer = Future()
        with self._lock:
            if self._gone:
                raise WorkerGone
            self._todo.put((body, answer))
        return answer

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> int:
        """After what it has in hand; its exit code."""
        self._todo.put(None)
        self._reader.join(SECONDS_TO_END)
        self.kill()
        self._reader.join()
        return self._process.returncode

    def _write(self) -> None:
        # Once it has ended there is no other end of the pipe, which the reader notices too.
        with suppress(OSError):
            while (todo := self._todo.get()) is not None:
                body, answer = todo
                self._asked.append(answer)
                send_body(self._bodies, body)
        self._bodies.close()

    def _read(self) -> None:
        # Whatever comes that is no answer, the order is lost and nothing after it can be told apart.
        with suppress(Exception):
            while True:
                made = received_rows(self._rows)
                self._asked.popleft().set_result(made)
        with self._lock:
            self._gone = True
        # Its pipe ends a moment before it does; killed in between, it would look as if it had failed.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_END)
        self._process.kill()
        self._todo.put(None)
        self._writer.join()
        self._reap()
        while not self._todo.empty():
            if todo := self._todo.get():
                self._asked.append(todo[1])
        for answer in self._asked:
            answer.set_exception(WorkerGone())

    def _reap(self) -> None:
        self._bodies.close()
        self._process.kill()
        self._process.wait()
        self._rows.close()


def _started() -> tuple["subprocess.Popen[bytes]", Connection, Connection]:
    """The process, and our ends of its pipes."""
    its_bodies, bodies = os.pipe()
    rows, its_rows = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "collector.decoding.worker"],
            stdin=its_bodies,
            stdout=its_rows,
            # Ctrl-C in a terminal reaches the collector alone, which finishes what is in hand.
            process_group=0,
            # The same code as here, whatever stands in the folder this was started in.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
        )
    except OSError:
        os.close(bodies)
        os.close(rows)
        raise
    finally:
        os.close(its_bodies)
        os.close(its_rows)
    _widen(bodies)
    _widen(rows)
    return process, Connection(bodies, readable=False), Connection(rows, writable=False)


def _widen(pipe: int) -> None:
    """Where the system does not let us, it works in smaller pieces."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
