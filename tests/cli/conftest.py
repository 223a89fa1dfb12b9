"""The commands as they are, against a collector of their own whose runs a reader can add up."""

import os
import subprocess
import time

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import app
from composite_llm import conventions as c
from tests.collector.running import PROTOBUF, CollectorProcess
from tests.otlp_traces import MINUTE, NOON, all_traces, export_request, moa_trace, span

HOSTILE, HUGE = 0xBAD, 0xB16
BEFORE = NOON - MINUTE
EVIL = "\x1b]0;pwned\x07[bold red]markup[/] \u202egnp.exe <img src=x onerror=alert(1)>"


def send(url, spans):
    body = export_request(spans).SerializeToString()
    httpx.post(f"{url}/v1/traces", content=body, headers=PROTOBUF).raise_for_status()


def huge_trace():
    """A request of one second with 100 stages of 99 calls each: 10,001 spans, the very last one failed."""
    yield span("request", trace=HUGE, number=1, start_ns=BEFORE, duration_ms=1000)
    for stage in range(100):
        number = 2 + stage * 100
        yield span(
            "stage", trace=HUGE, number=number, parent=1, start_ns=BEFORE, start_ms=stage, duration_ms=900
        )
        for call in range(1, 100):
            error = "the last one" if (stage, call) == (99, 99) else None
            attributes = {c.SPAN_TYPE: c.LLM_CALL, c.REQUEST_MODEL: "openai/gpt-4o"}
            yield span(
                "chat",
                trace=HUGE,
                number=number + call,
                parent=number,
                start_ns=BEFORE,
                start_ms=stage + call / 100,
                duration_ms=1,
                attributes=attributes,
                error=error,
            )


@pytest.fixture(scope="session")
def stored(forks, tmp_path_factory):
    """The address of a collector that holds the four example traces a minute apart, a hostile and a huge one."""
    with CollectorProcess(tmp_path_factory.mktemp("data"), composite_llm=forks.composite_llm) as collector:
        send(collector.url, all_traces())
        hostile = moa_trace(HOSTILE, start_ns=BEFORE, question=EVIL, models=(EVIL, "a/b", "c/d"))
        send(collector.url, [*hostile, *huge_trace()])
        yield collector.url


@pytest.fixture
def command(stored, monkeypatch, tmp_path):
    """Runs a command in this process, for a reader in Berlin with 150 columns; it has stdout, stderr, exit_code."""
    monkeypatch.setenv("COMPOSITE_LLM_COLLECTOR", stored)
    monkeypatch.setenv("COMPOSITE_LLM_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()

    def run(*arguments, stdin=None):
        return CliRunner().invoke(app, list(arguments), input=stdin, catch_exceptions=False)

    yield run
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def program(forks, stored, tmp_path):
    """Runs a command, or a script with the imports of one, with the settings of the session's collector, to its end."""

    def run(*arguments, script=None, stdin=None, **environment):
        ours = {"COMPOSITE_LLM_COLLECTOR": stored, "COMPOSITE_LLM_DATA": str(tmp_path), "COLUMNS": "120"}
        return subprocess.run(
            [*forks.python, script] if script else [*forks.composite_llm, *arguments],
            env={**os.environ, **ours, "COMPOSITE_LLM_GRPC_PORT": "off", **environment},
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            timeout=300,  # a notebook takes a minute to start on a machine that is busy
            check=False,
        )

    return run
