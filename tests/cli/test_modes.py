"""`composite-llm modes` as a person types it."""

import json

import pytest
from typer.testing import CliRunner

from cli.main import app

MINE = """\
profiles:
  local: {strategy: direct, model: hosted_vllm/my-own, description: "[red]On this machine[/red]"}
  broken: {strategy: direct, model: openai/gpt-4o, temprature: 1}
"""


@pytest.fixture
def modes(tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text(MINE)
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: CliRunner().invoke(app, ["modes", *arguments])


def test_strategies_and_profiles_are_listed_with_calls_and_cost(modes):
    """moa-light: 500 in and 400 out of three small models, 1850 in and 400 out of gpt-4o: $0.0126."""
    done = modes()

    assert done.exit_code == 0, done.output
    assert "N·(layers−1) + 1" in done.output
    [line] = [line for line in done.output.splitlines() if line.startswith("composite/moa-light")]
    assert line.split()[1:3] == ["4", "$0.0126"]
    [line] = [line for line in done.output.splitlines() if line.startswith("composite/vote-or-escalate")]
    assert line.split()[1:4] == ["5", "–", "6"]


def test_an_unknown_price_is_said_and_markup_is_text(modes):
    done = modes()

    [line] = [line for line in done.output.splitlines() if line.startswith("composite/local")]
    assert "unknown; no price for hosted_vllm/my-own" in line
    assert "[red]On this machine[/red]" in done.output
    assert "$0.00 " not in done.output


def test_what_cannot_be_used_is_said_with_file_and_line(modes, tmp_path):
    output = modes().output.replace("\n", "")

    assert f"{tmp_path}/mine.yaml:3: profiles.broken.temprature: there is no parameter" in output


def test_programs_get_json(modes):
    found = json.loads(modes("--json").output)

    [light] = [row for row in found["profiles"] if row["name"] == "moa-light"]
    assert light["estimate"]["least_calls"] == light["estimate"]["most_calls"] == 4
    assert light["estimate"]["least_usd"] == pytest.approx(0.01259)
    [local] = [row for row in found["profiles"] if row["name"] == "local"]
    assert local["estimate"]["least_usd"] is None
    assert found["typical_request"]["question"] == 500


def test_one_mode_is_drawn_as_text_as_a_graph_and_as_data(modes):
    text = modes("show", "until-good").output
    assert "answer: until check.score >= 8, at most 3 times" in text
    assert "4 – 10 calls" in text

    assert modes("show", "composite/until-good", "--dot").output.startswith('digraph "until-good" {')
    drawn = json.loads(modes("show", "until-good", "--json").output)
    assert {"source": "question", "target": "draft", "label": ""} in drawn["graph"]["edges"]


def test_a_name_that_leads_nowhere_is_answered_with_the_nearest(modes):
    done = modes("show", "moa-ligth")

    assert done.exit_code == 2
    assert "Did you mean 'moa-light'?" in done.output + done.stderr
