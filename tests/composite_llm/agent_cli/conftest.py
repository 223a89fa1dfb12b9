"""Runs of the stand-in: what it is to say, and what it was given."""

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import composite_llm

STAND_IN = Path(__file__).with_name("stand_in.py")
KEY = "let-me-in-0a1b2c3d"
"""Of no shape by which it would be known for one."""


@dataclass
class Agent:
    record: Path
    script: Path

    def says(self, *steps):
        """The steps of every run from now on: an event, or a step by its name."""
        steps = [["event", step] if isinstance(step, dict) else list(step) for step in steps]
        self.script.write_text(json.dumps(steps))

    @property
    def runs(self):
        """What each run was given."""
        return (
            [json.loads(line) for line in self.record.read_text().splitlines()]
            if self.record.exists()
            else []
        )


@pytest.fixture
def agent(tmp_path, monkeypatch, simulator):
    """The agent CLI of this test; its other models are the simulator's."""
    agent = Agent(tmp_path / "runs.jsonl", tmp_path / "script.json")
    command = [sys.executable, "-S", "-E", str(STAND_IN), str(agent.script), str(agent.record)]
    monkeypatch.setenv("COMPOSITE_LLM_AGENT_CLI", shlex.join(command))
    monkeypatch.setenv("CURSOR_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-provider-77")
    monkeypatch.setattr("composite_llm.engine.resilience.FIRST_PAUSE_S", 0.001)
    composite_llm.register()
    return agent
