"""`composite-llm simulate`, as a process of its own."""

import os
import re
import signal
import subprocess
import sys

import httpx
import pytest

from composite_llm.simulator import Simulator
from tests.collector.running import child

COMMAND = [sys.executable, "-c", "import typer; from cli.simulate import simulate; typer.run(simulate)"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=120, check=False)


def test_it_serves_until_it_is_interrupted(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"instruction": "Who?", "outputs": {"gpt-4o": "Me.", "slow": "You."}}\n')
    options = [
        "--port",
        "0",
        "--replay",
        str(path),
        "--alias",
        "best=gpt-4o",
        "--instant",
        "--fault",
        "slow=503",
    ]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with child([*COMMAND, *options], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        first_line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/v1", first_line)
        assert url is not None
        assert "replaying 1 instructions" in first_line
        body = {"model": "best", "messages": [{"role": "user", "content": "Who?"}]}
        answer = httpx.post(f"{url[0]}/chat/completions", json=body).json()
        refused = httpx.post(f"{url[0]}/chat/completions", json={**body, "model": "slow"})
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0

    assert answer["choices"][0]["message"]["content"] == "Me."
    assert refused.status_code == 503


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--replay", "absent.jsonl"], "absent.jsonl: cannot be read (No such file or directory)"),
        (["--fault", "gpt-4o=418"], "Unknown fault '418'"),
        (["--fault", "429"], "--fault takes MODEL=VALUE, not '429'."),
        (["--speed", "-1"], "The speed must be 0 (no waiting) or more"),
    ],
)
def test_a_bad_option_is_answered_with_one_sentence(arguments, said):
    ended = run("--port", "0", *arguments)

    assert ended.returncode == 2
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_port_in_use_is_answered_with_one_sentence():
    with Simulator() as simulator:
        ended = run("--port", str(simulator.port))

    assert ended.returncode == 2
    assert f"Port {simulator.port} on 127.0.0.1 cannot be opened" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_the_simulator_is_light_to_import():
    program = "import sys, composite_llm.simulator; print({'litellm', 'openai', 'pandas', 'duckdb'} & set(sys.modules))"

    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )

    assert ended.stdout.strip() == "set()"
