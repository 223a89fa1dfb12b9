"""`composite-llm ask` as a person types it."""

import json
import os
import subprocess
import sys

import pytest

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")


@pytest.fixture
def ask(model_server, tmp_path):
    """Runs the command in a process of its own; no collector answers, so its spans go to the spool."""

    def run(*arguments, **environment):
        clean = {name: value for name, value in os.environ.items() if name not in KEYS}
        clean |= {
            "COMPOSITE_LLM_SIMULATOR": model_server.url,
            "COMPOSITE_LLM_COLLECTOR": "http://127.0.0.1:9",
            "COMPOSITE_LLM_DATA": str(tmp_path),
            "COLUMNS": "120",
        }
        command = [sys.executable, "-m", "cli.main", "ask", *arguments]
        return subprocess.run(
            command, env=clean | environment, capture_output=True, text=True, cwd=tmp_path, check=False
        )

    return run


def test_without_keys_the_simulator_answers_and_says_so(ask, tmp_path):
    done = ask("Why is the sky blue?")

    assert done.returncode == 0, done.stderr
    assert "No API key found, so the offline simulator answers" in done.stderr
    for expected in (
        "moa.layer1",
        "├ proposer 1",
        "└ proposer 3",
        "└ aggregator 1",
        "total",
        "4 calls",
        "Simulated",
    ):
        assert expected in done.stdout
    assert list((tmp_path / "spool").iterdir()), "what no collector took waits in the spool"


def test_the_receipt_as_json_adds_up(ask):
    done = ask("Why is the sky blue?", "--mode", "council", "--json")

    told = json.loads(done.stdout)
    calls = told["receipt"]["calls"]
    assert told["answer"]
    assert [call["role"] for call in calls].count("reviewer") == 3
    assert len(calls) == 7
    assert sum(call["cost"]["total"] for call in calls) == pytest.approx(
        told["receipt"]["known_cost_usd"], abs=1e-12
    )


def test_models_without_a_key_are_simulated_as_named(ask):
    done = ask(
        "Hello?", "--mode", "moa", "--model", "openai/gpt-4o", "--member", "openai/gpt-4o-mini × 2", "--json"
    )

    models = {call["model"] for call in json.loads(done.stdout)["receipt"]["calls"]}
    assert models == {"sim/openai/gpt-4o", "sim/openai/gpt-4o-mini"}
    assert "No API key found" in done.stderr


def test_an_unknown_mode_is_one_sentence_and_no_traceback(ask):
    done = ask("Hello?", "--mode", "moe")

    assert done.returncode == 1
    assert "There is no strategy named 'moe'. Did you mean 'moa'?" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_an_answer_is_printed_while_it_is_written_then_its_receipt(ask):
    done = ask("Why is the sky blue?", "--stream")

    assert done.returncode == 0, done.stderr
    answer, receipt = done.stdout.split("\n\n", 1)
    assert len(answer) > 80
    assert "moa.layer1" in receipt
    assert "4 calls" in receipt
    assert "moa.layer1: proposer 1 answered" in done.stderr


def test_a_stream_is_for_people_and_json_for_programs(ask):
    done = ask("Why?", "--stream", "--json")

    assert done.returncode == 2
    assert "leave out --stream" in done.stderr


def test_a_stream_that_cannot_begin_is_one_sentence(ask):
    done = ask("Why?", "--stream", "--mode", "moe")

    assert done.returncode == 1
    assert "There is no strategy named 'moe'." in done.stderr
    assert "Traceback" not in done.stderr
