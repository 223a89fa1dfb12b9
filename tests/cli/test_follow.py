"""`composite-llm traces --follow`: each run once, as soon as its root is stored."""

import json
import os
import subprocess

import pytest

from tests.cli.conftest import send
from tests.collector.running import CollectorProcess, child
from tests.otlp_traces import council_trace, failed_trace, moa_trace, trace_hex


@pytest.fixture
def followed(forks, tmp_path):
    """A collector with one run, and what prints the runs it goes on to take."""
    with CollectorProcess(tmp_path, composite_llm=forks.composite_llm) as collector:
        send(collector.url, moa_trace(1))
        command = [*forks.composite_llm, "traces", "--follow", "--json", "--strategy", "moa"]
        with child(
            command,
            env={**os.environ, "COMPOSITE_LLM_COLLECTOR": collector.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as follower:
            yield collector, follower


@pytest.fixture
def followed_while_one_runs(forks, tmp_path):
    """A collector with a run whose root has not come, and what prints it and goes on."""
    with CollectorProcess(tmp_path, composite_llm=forks.composite_llm) as collector:
        send(collector.url, moa_trace(1)[:-1])
        command = [*forks.composite_llm, "traces", "--follow", "--json"]
        environment = {**os.environ, "COMPOSITE_LLM_COLLECTOR": collector.url}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as follower:
            yield collector, follower
            follower.kill()


def test_a_run_that_was_listed_while_it_ran_comes_again_at_its_end(followed_while_one_runs):
    collector, follower = followed_while_one_runs
    listed = json.loads(follower.stdout.readline())
    send(collector.url, moa_trace(1)[-1:])
    ended = json.loads(follower.stdout.readline())
    send(collector.url, moa_trace(1))  # nothing new
    send(collector.url, moa_trace(2))
    other = json.loads(follower.stdout.readline())

    assert [(run["trace_id"], run["status"], run["spans"]) for run in (listed, ended, other)] == [
        (trace_hex(1), "running", 6),
        (trace_hex(1), "ok", 7),
        (trace_hex(2), "ok", 7),
    ]


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
    rest, errors = follower.communicate(timeout=60)

    assert [trace_hex(1) in first, trace_hex(3) in second, trace_hex(5) in third] == [True] * 3
    assert '"calls": 4' in third
    assert rest == ""
    assert follower.returncode == 1
    assert "ollector" in errors
