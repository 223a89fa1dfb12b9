"""Whole programs: a collector process on a port of its own, and client programs that send to it."""

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.collector.running import EVERYTHING, CollectorProcess, wait_until


@dataclass(frozen=True, slots=True)
class Recording:
    """A collector, and programs whose spans go to it."""

    collector: CollectorProcess

    def run(self, *command, stdin="", **environment):
        """Run a command to its end; what it printed."""
        ours = {"COMPOSITE_LLM_COLLECTOR": self.collector.url, "COMPOSITE_LLM_DATA": str(self.collector.data)}
        return subprocess.run(
            command,
            input=stdin,
            env={**os.environ, **ours, **environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def ask(self, question, **parameters):
        defaults = {"strategies": [], "origin": "all", **EVERYTHING}
        with self.collector.client() as client:
            return client.ask(question, **{**defaults, **parameters}).to_pylist()

    def wait_for(self, spans):
        with self.collector.client() as client:
            wait_until(lambda: client.health().spans >= spans, seconds=60)


@contextmanager
def recording_into(folder, forks):
    with CollectorProcess(folder, composite_llm=forks.composite_llm) as collector:
        yield Recording(collector)


@pytest.fixture(scope="module")
def recording(forks, tmp_path_factory):
    """One for all tests of a module, which only read what its fixtures recorded."""
    with recording_into(tmp_path_factory.mktemp("data"), forks) as recording:
        yield recording
