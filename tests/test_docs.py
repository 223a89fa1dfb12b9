"""The commands that README.md and docs/ show, run as they stand there."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.collector.running import running_collector
from tests.otlp_traces import all_traces, moa_trace

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ADDRESS = "http://127.0.0.1:4318"
TRACE = 0x4BF92F3577B34DA6A3CE929D0E0E4736
"""Its first digits stand in the README."""
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:\.venv/bin/)?composite-llm |curl ")

SKIPPED = {
    "composite-llm simulate": "runs until it is stopped; tests/simulator/test_command.py starts it",
    "composite-llm serve": "runs until it is stopped; tests/proxy starts it",
    "composite-llm collect": "runs until it is stopped; tests/collector/test_process.py starts it",
    "curl -N": "a stream without an end; tests/collector/api/test_live.py reads it",
}
"""Beginnings of commands that are not run here, and why. Lines that are no command of ours (export, pip,
make) are not looked at."""


def commands():
    """Page and command, the command as one line."""
    for page in PAGES:
        for block in FENCED.findall(page.read_text()):
            for line in block.replace("\\\n", "").splitlines():
                if COMMAND.match(line):
                    yield page.name, line.removeprefix(".venv/bin/")


SHOWN = list(commands())
RUN = [(page, line) for page, line in SHOWN if not line.startswith(tuple(SKIPPED))]


@pytest.fixture(scope="module")
def collector(tmp_path_factory):
    with running_collector(tmp_path_factory.mktemp("docs")) as running:
        running.send([*all_traces(), *moa_trace(TRACE)])
        yield running


def test_nothing_is_skipped_that_is_not_shown():
    unused = [start for start in SKIPPED if not any(line.startswith(start) for _, line in SHOWN)]

    assert unused == []
    assert {page for page, _ in RUN} >= {"README.md", "http-api.md", "other-libraries.md"}


@pytest.mark.parametrize(("page", "line"), RUN, ids=[f"{page}: {line[:60]}" for page, line in RUN])
def test_a_command_that_is_shown_can_be_run(page, line, collector, forks, model_server, tmp_path):
    if line.startswith("curl ") and not shutil.which("curl"):
        pytest.skip("there is no curl on this machine")
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    environment |= {
        "PATH": f"{forks.folder}{os.pathsep}{environment['PATH']}",
        "COMPOSITE_LLM_COLLECTOR": collector.url,
        "COMPOSITE_LLM_SIMULATOR": model_server.url,
        "COMPOSITE_LLM_DATA": str(tmp_path),
    }
    # An answer of 400 is a failure, too.
    here = line.replace("curl ", "curl --fail-with-body --silent --show-error ", 1).replace(
        ADDRESS, collector.url
    )

    done = subprocess.run(
        here, shell=True, env=environment, cwd=tmp_path, capture_output=True, timeout=300, check=False
    )

    assert done.returncode == 0, (
        f"{page}: {line}\n{done.stderr.decode()}{done.stdout.decode(errors='replace')}"
    )
