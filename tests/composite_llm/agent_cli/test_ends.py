"""However a run ends, nothing of it is left: no process, no folder, no place that is taken."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import litellm
import pytest

import composite_llm
from composite_llm import conventions as c
from composite_llm.agent_cli import places, program
from tests.composite_llm.agent_cli.lines import ANSWER, INIT, SIMPLE, piece
from tests.streams import finished, until

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
AUTO = "composite/composer-cli/auto"


def is_running(pid: int) -> bool:
    """Not where it has ended and nobody has asked for its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def child(tmp_path):
    """Where the agent's own child says who it is."""
    return tmp_path / "child"


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """For the workspaces, so that it shows what is left of them."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []
    assert not program._groups
    assert places._taken == 0


async def gone(child: Path) -> None:
    await until(lambda: not is_running(int(child.read_text())))


async def test_a_client_that_goes_takes_the_whole_group_with_it(agent, child, spans):
    agent.says(INIT, ("child", str(child)), ("forever", 0))
    task = asyncio.create_task(composite_llm.acompletion(AUTO, QUESTION))
    await until(child.exists)

    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    await gone(child)
    [call] = finished(spans, c.LLM_CALL)
    assert (call.attributes[c.CALL_OUTCOME], call.attributes[c.USAGE_SOURCE]) == ("cancelled", "missing")


async def test_so_does_one_that_leaves_a_stream(agent, child, spans):
    agent.says(INIT, ("child", str(child)), piece("The sky "), ("forever", 0))
    stream = await composite_llm.acompletion(AUTO, QUESTION, stream=True)
    assert (await anext(stream)).choices[0].delta.content == "The sky "

    await stream.aclose()

    await gone(child)
    await until(lambda: finished(spans, c.REQUEST))


async def test_so_does_the_deadline(agent, spans):
    agent.says(INIT, ("forever", 0))

    with pytest.raises(litellm.Timeout):
        await composite_llm.acompletion(AUTO, QUESTION, timeout=0.5)

    assert all(call.attributes[c.CALL_OUTCOME] == "timeout" for call in finished(spans, c.LLM_CALL))


async def test_what_an_answer_leaves_running_is_killed(agent, child):
    """It holds the output open, too: the answer is not waited for any longer because of that."""
    agent.says(("child", str(child)), *SIMPLE)

    answer = await composite_llm.acompletion(AUTO, QUESTION)

    assert answer.choices[0].message.content == ANSWER
    await gone(child)


async def test_a_program_that_does_not_end_after_its_result_is_ended(agent, monkeypatch, spans):
    monkeypatch.setattr(program, "SECONDS_TO_END", 0.05)
    agent.says(*SIMPLE, ("forever", 0))

    answer = await composite_llm.acompletion(AUTO, QUESTION)

    assert answer.choices[0].message.content == ANSWER
    [call] = finished(spans, c.LLM_CALL)
    assert c.PROCESS_EXIT_CODE not in call.attributes


async def test_one_that_has_left_the_group_cannot_hold_the_call(agent, child, monkeypatch):
    monkeypatch.setattr(program, "SECONDS_TO_END", 0.05)
    agent.says(INIT, ("stray", str(child)), ("leave", 0))
    try:
        with pytest.raises(litellm.InternalServerError, match="exit code 0 and no result"):
            await composite_llm.acompletion(AUTO, QUESTION, optional_params={"max_retries": 0})
    finally:
        os.kill(int(child.read_text()), signal.SIGKILL)


def test_nothing_outlives_this_process(tmp_path, agent, child):
    """Which ends while the run is in a thread that nobody waits for, as with every synchronous call."""
    agent.says(INIT, ("child", str(child)), piece("Hm."), ("forever", 0))
    command = [*os.environ["COMPOSITE_LLM_AGENT_CLI"].split(), "--trust"]
    script = f"""
import asyncio, threading
from composite_llm.agent_cli.program import running

heard = threading.Event()

async def run():
    async with running({command!r}, environment={{}}, folder={str(tmp_path)!r}, told="Why?") as program:
        async for line in program.lines():
            if "Hm." in line:
                heard.set()

threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
assert heard.wait(60)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)

    asyncio.run(gone(child))
