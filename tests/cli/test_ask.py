"""`composite-llm ask` as a person types it."""

import json
import os
import subprocess

import pytest

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")


@pytest.fixture
def ask(forks, model_server, tmp_path):
    """Runs the command in a process of its own; no collector answers, so its spans go to the spool."""

    def run(*arguments, **environment):
        clean = {name: value for name, value in os.environ.items() if name not in KEYS}
        clean |= {
            "COMPOSITE_LLM_SIMULATOR": model_server.url,
            "COMPOSITE_LLM_COLLECTOR": "http://127.0.0.1:9",
            "COMPOSITE_LLM_DATA": str(tmp_path),
            "COLUMNS": "120",
        }
        command = [*forks.composite_llm, "ask", *arguments]
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


@pytest.mark.parametrize("option", ["--profile", "--mode"])
def test_a_profile_and_a_graph_mode_are_asked_by_name_and_simulated_whole(ask, option):
    """moa-then-reflect: three proposers, a draft, and the critic; the draft is revised unless it says OK."""
    done = ask("Why is the sky blue?", option, "moa-then-reflect", "--json")

    assert done.returncode == 0, done.stderr
    assert "No API key found, so the offline simulator answers" in done.stderr
    receipt = json.loads(done.stdout)["receipt"]
    assert receipt["simulated"]
    assert [call["stage"] for call in receipt["calls"]].count("moa-then-reflect.proposals") == 3
    models = {call["model"] for call in receipt["calls"]}
    assert "sim/anthropic/claude-sonnet-4-5" in models, "the critic"
    assert all(model.startswith("sim/") for model in models)


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (("--profile", "moa-lite"), "There is no profile named 'moa-lite'. Did you mean 'moa-light'?", 1),
        (("--profile", "moa-light", "--model", "x/y"), "names its own models: leave out --model", 2),
    ],
)
def test_a_profile_that_cannot_be_run_so_is_one_sentence(ask, arguments, says, code):
    done = ask("Hello?", *arguments)

    assert done.returncode == code
    assert says in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_profile_with_keys_for_some_of_its_models_names_the_missing_ones(ask):
    done = ask("Hello?", "--profile", "moa-then-reflect", OPENAI_API_KEY="sk-some-key-of-no-use")

    assert done.returncode == 1
    assert "No API key for anthropic/claude-haiku-4-5" in done.stderr
    assert "set ANTHROPIC_API_KEY, GEMINI_API_KEY" in " ".join(done.stderr.split())
