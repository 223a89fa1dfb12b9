"""Whole programs: a collector process on a port of its own, and client programs that send to it."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector.client import CollectorClient
from collector.errors import CollectorUnavailable

PROGRAMS = Path(__file__).parent / "programs"
ALL = {"since_ns": 0, "until_ns": 2**62, "strategies": [], "origin": "all"}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@dataclass
class RunningCollector:
    """A collector process; `kill` is SIGKILL, after which `start` goes on with the same store."""

    data: Path
    port: int
    process: subprocess.Popen = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "collect", "--data", self.data, "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
        )
        with CollectorClient(self.url) as client:
            while True:
                assert self.process.poll() is None, "the collector ended while starting"
                try:
                    return client.health()
                except CollectorUnavailable:
                    time.sleep(0.05)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def ask(self, question, **parameters):
        with CollectorClient(self.url) as client:
            return client.ask(question, **{**ALL, **parameters}).to_pylist()

    def wait_for(self, spans):
        """Until so many spans are stored; the tests' own patience ends after a minute."""
        deadline = time.monotonic() + 60
        with CollectorClient(self.url) as client:
            while (stored := client.health().spans) < spans:
                assert time.monotonic() < deadline, f"{stored} of {spans} spans arrived"
                time.sleep(0.05)

    def environment(self, **more):
        return {
            **os.environ,
            "COMPOSITE_LLM_COLLECTOR": self.url,
            "COMPOSITE_LLM_DATA": str(self.data),
            **more,
        }

    def run(self, *command, stdin="", **environment):
        """Run a Python program to its end, its spans sent here; what it printed."""
        return subprocess.run(
            [sys.executable, *map(str, command)],
            input=stdin,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=True,
        ).stdout


@contextmanager
def running_collector(folder):
    collector = RunningCollector(folder, free_port())
    collector.start()
    try:
        yield collector
    finally:
        collector.stop()


@pytest.fixture
def collector(tmp_path):
    with running_collector(tmp_path / "data") as collector:
        yield collector


@pytest.fixture(scope="module")
def shared_collector(tmp_path_factory):
    """One for all tests of a module, which only read what its fixtures recorded."""
    with running_collector(tmp_path_factory.mktemp("data")) as collector:
        yield collector
