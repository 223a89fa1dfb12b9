"""What code must not get, it does not get: no file, no process, no connection, no key, no other cell's answer."""

import asyncio
import os

import pytest

from composite_llm.sandbox import Limits
from composite_llm.sandbox.choosing import sandbox_named
from tests.composite_llm.sandbox.cells import ATTACKS, FUNCTIONS, SECRET
from tests.composite_llm.sandbox.conftest import BACKENDS, NEEDS_LOCKS, PATIENT

QUICK = [attack for attack in ATTACKS if "burns" not in attack.words]
BURNING = [attack for attack in ATTACKS if "burns" in attack.words]
TIGHT = Limits(cell_s=0.5, memory_mb=192)


def test_there_are_enough():
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 40


@pytest.fixture
def aimed(secret_file, listener, tmp_path):
    """An attack's code with the targets it has here."""
    port = str(listener.getsockname()[1])

    def aim(attack, out="out"):
        code = attack.code.replace("@FILE@", str(secret_file)).replace("@PORT@", port)
        return code.replace("@OUT@", str(tmp_path / out))

    return aim


@pytest.mark.parametrize("backend", BACKENDS)
async def test_no_attack_gets_anything(backend, aimed, tmp_path, listener, secret_file):
    """In one session, which has to answer as before after each."""
    gained = {}
    async with await sandbox_named(backend).open(PATIENT, FUNCTIONS) as session:
        for attack in QUICK:
            result = await session.run(aimed(attack))
            after = await session.run("print('next:', llm_query('x'))")
            shown = after.stdout if "next" in attack.words else result.stdout
            if "PWNED" in shown or SECRET in f"{result} {after}" or after.stdout != "next: echo: x\n":
                gained[attack.name] = (result, after)

    assert gained == {}
    assert os.listdir(tmp_path) == []
    assert secret_file.read_text() == SECRET
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("backend", ["monty", pytest.param("locked", marks=NEEDS_LOCKS)])
async def test_what_would_never_end_is_ended(backend):
    """All side by side, since each takes its time."""

    async def survived(attack):
        async with await sandbox_named(backend).open(TIGHT, FUNCTIONS) as session:
            result = await session.run(attack.code)
            while (
                after := await session.run("print('alive')")
            ).error:  # a busy machine may take its time, too
                assert after.error.limit == "time"
            return attack.name, result.error is not None or result.seconds < TIGHT.cell_s, after.stdout

    survivors = await asyncio.gather(*map(survived, BURNING))

    assert survivors == [(attack.name, True, "alive\n") for attack in BURNING]


async def test_attacks_are_real(aimed, tmp_path, monkeypatch):
    """Without locks they work, or their failing elsewhere would show nothing."""
    monkeypatch.setenv("COMPOSITE_LLM_UNSAFE_SANDBOX", "1")
    real = [attack for attack in ATTACKS if "unlocked" in attack.words]
    failed = []
    async with await sandbox_named("unsafe_local").open(Limits(cell_s=60), FUNCTIONS) as session:
        for number, attack in enumerate(real):
            result = await session.run(aimed(attack, str(number)))
            if "PWNED" not in result.stdout and not os.path.lexists(tmp_path / str(number)):
                failed.append((attack.name, str(result.error)))

    assert len(real) - len(failed) >= 40, (
        failed
    )  # not all: some machines lock up more than others by themselves
