"""The simulator in a process of its own, as model servers are: it takes no turns from the program that is measured,
and its clock, which is the machine's, says how long the calls really took."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from composite_llm.simulator import Record, Simulator


class Visit(NamedTuple):
    """One call as the server had it."""

    trace: str
    started: float
    """On the clock of time.monotonic()."""
    finished: float

    @property
    def seconds(self) -> float:
        return self.finished - self.started


@dataclass(slots=True)
class ModelServer:
    url: str
    _process: subprocess.Popen[str]
    _visits: dict[str, list[Visit]] = field(default_factory=lambda: defaultdict(list))

    def visits(self, trace: str) -> Sequence[Visit]:
        """The calls of one trace, in the order in which they came."""
        if trace not in self._visits:
            self._read()
        return sorted(self._visits[trace], key=lambda visit: visit.started)

    def _read(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        print("visits?", file=self._process.stdin, flush=True)
        self._visits.clear()
        for told in json.loads(self._process.stdout.readline()):
            visit = Visit(*told)
            self._visits[visit.trace].append(visit)


@contextmanager
def model_server(delays: Mapping[str, float]) -> Generator[ModelServer]:
    """`delays`: seconds that answers of each model take."""
    command = [sys.executable, "-m", "benchmarks.model_server", json.dumps(delays)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield ModelServer(process.stdout.readline().strip(), process)
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _serve(delays: Mapping[str, float]) -> None:
    with Simulator(delays=delays) as simulator:
        print(simulator.url, flush=True)
        for _ in sys.stdin:
            print(json.dumps(list(map(_visit, simulator.requests))), flush=True)


def _visit(record: Record) -> Visit:
    return Visit(record.headers["traceparent"].split("-")[1], record.started, record.finished)


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
