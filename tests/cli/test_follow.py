"""`composite-llm traces --follow`: each run once, as soon as its root is stored."""

import os
import subprocess
import sys

import pytest

from tests.cli.conftest import send
from tests.collector.running import CollectorProcess, child
from tests.otlp_traces import council_trace, failed_trace, moa_trace, trace_hex


@pytest.fixture
def followed(tmp_path):
    """A collector with one run, and what prints the runs it goes on to take."""
    with CollectorProcess(tmp_path) as collector:
        send(collector.url, moa_trace(1))
        command = [sys.executable, "-m", "cli.main", "traces", "--follow", "--json", "--strategy", "moa"]
        with child(
            command,
            env={**os.environ, "COMPOSITE_LLM_COLLECTOR": collector.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as follower:
            yield collector, follower


def test_runs_come_as_they_end_until_the_collector_does(followed):
    collector, follower = followed
    first = follower.stdout.readline()
    children = moa_trace(5)[:-1]
    send(collector.url, children)  # without its root it has not ended
    send(collector.url, council_trace(2))  # filtered out
    send(collector.url, failed_trace(3))
    second = follower.stdout.readline()
    send(collector.url, moa_trace(5)[-1:])
    third = follower.stdout.readline()
    collector.stop()
    rest, errors = follower.communicate(timeout=30)

    assert [trace_hex(1) in first, trace_hex(3) in second, trace_hex(5) in third] == [True] * 3
    assert '"calls": 4' in third
    assert rest == ""
    assert follower.returncode == 1
    assert "ollector" in errors
