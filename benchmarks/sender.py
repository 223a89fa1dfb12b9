"""A load generator that costs little: prepared bodies over plain connections, in a process of its own.

Run with the collector's address, a folder of bodies, how many connections, and how many bodies a second (0: as many
as are acknowledged). Prints what it measured as JSON. With a pace, an answer is late from the moment its body was due.
"""

import http.client
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

HEADERS = {"content-type": "application/x-protobuf"}


@dataclass(frozen=True, slots=True)
class Sent:
    bodies: int
    seconds: float
    waits: list[float]
    """Seconds until each acknowledgement."""
    cpu_seconds: float


def prepare(bodies: Iterable[bytes], folder: Path) -> None:
    for number, body in enumerate(bodies):
        (folder / f"{number:06}.otlp").write_bytes(body)


def start(url: str, folder: Path, *, connections: int, a_second: float = 0.0) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.sender", url, str(folder), str(connections), str(a_second)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finished(sender: "subprocess.Popen[str]") -> Sent:
    said, _ = sender.communicate()
    assert sender.returncode == 0, "the sender failed"
    return Sent(**json.loads(said))


def send(url: str, folder: Path, connections: int, a_second: float) -> Sent:
    todo: queue.SimpleQueue[tuple[float, bytes] | None] = queue.SimpleQueue()
    waits: list[float] = []
    bodies = [file.read_bytes() for file in sorted(folder.glob("*.otlp"))]
    started, cpu = time.perf_counter(), time.process_time()
    senders = [threading.Thread(target=_work, args=(url, todo, waits)) for _ in range(connections)]
    for sender in senders:
        sender.start()
    for number, body in enumerate(bodies):
        due = started + number / a_second if a_second else 0.0
        time.sleep(max(0.0, due - time.perf_counter()))
        todo.put((due, body))
    for _ in senders:
        todo.put(None)
    for sender in senders:
        sender.join()
    seconds = time.perf_counter() - started
    assert len(waits) == len(bodies), f"{len(waits)} of {len(bodies)} bodies acknowledged"
    return Sent(len(bodies), seconds, waits, time.process_time() - cpu)


def _work(url: str, todo: "queue.SimpleQueue[tuple[float, bytes] | None]", waits: list[float]) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    while (item := todo.get()) is not None:
        due, body = item
        began = due or time.perf_counter()
        connection.request("POST", "/v1/traces", body, HEADERS)
        answer = connection.getresponse()
        answer.read()
        if answer.status == 200:
            waits.append(time.perf_counter() - began)
    connection.close()


if __name__ == "__main__":
    print(json.dumps(asdict(send(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))))
