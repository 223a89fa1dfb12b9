"""The scripts in examples/, run as they stand there, offline."""

import os
import subprocess
from pathlib import Path

import pytest
from dotenv import dotenv_values

from composite_llm import settings

EXAMPLES = Path(__file__).parents[1] / "examples"
BY_THE_PROXY = "proxy_client.py"
"""tests/proxy runs it."""


def run(forks, script, tmp_path, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    ours = {"COMPOSITE_LLM_COLLECTOR": "http://127.0.0.1:9", "COMPOSITE_LLM_DATA": str(tmp_path)}
    done = subprocess.run(
        [*forks.python, EXAMPLES / script],
        env={**kept, **ours, **environment},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("plain.py", "4 calls"),
        ("streaming.py", "tokens in"),
        ("tools.py", "aggregator"),
        ("profiles.py", "moa-light: 4 calls"),
    ],
)
def test_an_example_does_what_it_shows(script, says, forks, model_server, tmp_path):
    printed = run(
        forks, script, tmp_path, COMPOSITE_LLM_SIMULATE="1", COMPOSITE_LLM_SIMULATOR=model_server.url
    )

    assert says in printed
    assert model_server.requests


def test_every_example_is_run():
    scripts = {path.name for path in EXAMPLES.glob("*.py")}

    assert scripts == {"plain.py", "streaming.py", "tools.py", "profiles.py", BY_THE_PROXY}


def test_the_sample_env_names_settings_that_exist(monkeypatch):
    entries = dotenv_values(EXAMPLES / "sample.env")
    for name, value in entries.items():
        monkeypatch.setenv(name, value or "")

    found = settings.load()
    assert found.simulate
    assert (found.collector, found.content) == ("http://127.0.0.1:4318", "full")
    assert not any(value for name, value in entries.items() if name.endswith("_API_KEY"))
