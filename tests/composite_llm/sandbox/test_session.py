"""What all sandboxes promise whoever has code run in them."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from composite_llm.errors import BadRequest
from composite_llm.sandbox import Limits, SandboxUnavailable, ToldToCode
from composite_llm.sandbox.choosing import sandbox_named
from tests.composite_llm.sandbox.conftest import BACKENDS, NEEDS_LOCKS, PATIENT


class Host:
    """Host functions, and what they were given."""

    def __init__(self):
        self.given = []
        self.waiting = asyncio.Event()

    async def note(self, *values, **named):
        self.given.append((values, named))
        return values[0] if values else None

    async def both(self, prompts):
        """Each waits for the other: only side by side do they end."""
        barrier = asyncio.Barrier(len(prompts))

        async def one(prompt):
            await barrier.wait()
            return prompt.upper()

        return await asyncio.gather(*map(one, prompts))

    async def never(self):
        self.waiting.set()
        await asyncio.Event().wait()

    async def refuse(self):
        raise ToldToCode("not today")

    async def fail(self):
        raise LookupError("the engine has a reason")

    @property
    def functions(self):
        return {name: getattr(self, name) for name in ("note", "both", "never", "refuse", "fail")}


@pytest.fixture
def host():
    return Host()


@pytest.fixture(params=BACKENDS)
def sandbox(request):
    return sandbox_named(request.param)


@pytest_asyncio.fixture
async def session(sandbox, host):
    async with await sandbox.open(PATIENT, host.functions) as session:
        yield session


async def test_names_stay_from_cell_to_cell_and_survive_an_error(session):
    await session.run("import math\na = 1\ndef f():\n    return a + 1")
    failed = await session.run("b = f()\n1 / 0\nc = 3")
    result = await session.run("print(a, b, f(), math.floor(2.5))")

    assert str(failed.error) == "ZeroDivisionError: division by zero (line 2)"
    assert result.stdout == "1 2 2 2\n"
    assert set(result.variables) == {"a", "b", "f"}


async def test_plain_values_come_out_as_they_went_in(session):
    value = {"text": 'é "\n\u2028', "list": [1, 2.5, None, True, -(2**70)], "empty": {}, "nested": [[["x"]]]}
    await session.set_var("value", value)

    result = await session.run("same = value\nprint(value['list'][4], len(value['text']))")

    assert result.stdout == "-1180591620717411303424 5\n"
    assert await session.get_var("same") == value


async def test_what_is_not_plain_comes_as_the_nearest_that_is(session):
    await session.run(
        "pair = (1, {2})\nkeys = {1: 'a', None: 'b'}\nfrom datetime import date\nday = date(2026, 1, 2)"
    )

    assert await session.get_var("pair") == [1, [2]]
    assert await session.get_var("keys") == {"1": "a", "None": "b"}
    assert await session.get_var("day") == "2026-01-02"


async def test_a_long_context_goes_in_and_comes_out(session):
    context = "é" * 9_999_999 + "!"
    await session.set_var("context", context)

    assert (await session.run("print(len(context), context[-2:])")).stdout == "10000000 é!\n"
    assert await session.get_var("context") == context


async def test_half_of_a_letter_is_mended(session):
    await session.set_var("text", "a\ud83d")

    assert await session.get_var("text") == "a\ufffd"
    printed = await session.run("print('b\\ud83d')")
    raised = await session.run("raise ValueError('c\\ud83d')")
    assert (printed.stdout, str(raised.error)) == ("b\ufffd\n", "ValueError: c\ufffd (line 1)")


async def test_odd_cells_run(session):
    cells = ["", "\n", "# nothing", "x = 1\r\nprint(x)\r\n", "print('\ud83d')"]

    assert [(await session.run(cell)).error for cell in cells] == [None] * len(cells)


async def test_a_syntax_error_says_what_and_where_once(session):
    result = await session.run("x = 1\ny = = 2")

    assert result.error
    assert (result.error.type, result.error.line) == ("SyntaxError", 2)
    assert "line" not in result.error.message


async def test_a_cell_that_is_no_text_fails_by_itself(session):
    result = await session.run("x = 1\0")

    assert result.error
    assert (await session.run("print(1)")).stdout == "1\n"


async def test_a_name_that_is_none_is_refused(session):
    for name in ("not a name", "class", "note", "", "a.b"):
        with pytest.raises(ValueError, match="name"):
            await session.set_var(name, 1)


async def test_what_is_not_bound_is_no_value(session):
    await session.run("endless = []\nendless.append(endless)")

    for name in ("nothing", "None_"):
        with pytest.raises(KeyError):
            await session.get_var(name)


async def test_host_functions_are_given_plain_values(session, host):
    result = await session.run("print(note(1, (2, 'x'), key={'a': [None]}), note())")

    assert result.stdout == "1 None\n"
    assert host.given == [((1, [2, "x"]), {"key": {"a": [None]}}), ((), {})]
    assert result.host_calls == 2


async def test_calls_of_one_batch_run_side_by_side(session):
    assert (await session.run("print(both(['a', 'b', 'c']))")).stdout == "['A', 'B', 'C']\n"


async def test_code_may_catch_what_a_host_function_tells_it(session):
    caught = await session.run("try:\n    refuse()\nexcept RuntimeError as error:\n    print(error)")
    not_caught = await session.run("refuse()")
    wrong = await session.run("both()")

    assert caught.stdout == "not today\n"
    assert str(not_caught.error) == "RuntimeError: not today (line 1)"
    assert str(wrong.error) == "TypeError: both(): missing a required argument: 'prompts' (line 1)"


async def test_any_other_failure_of_a_host_function_is_for_the_caller(session):
    with pytest.raises(LookupError, match="the engine has a reason"):
        await session.run("try:\n    fail()\nexcept BaseException:\n    pass")

    with pytest.raises(SandboxUnavailable, match="closed"):
        await session.run("print(1)")


@pytest.mark.parametrize("backend", BACKENDS[:2])
async def test_time_in_host_functions_does_not_count(backend):
    limits = Limits(cell_s=1)

    async def slow():
        await asyncio.sleep(limits.cell_s + 0.1)
        return "there"

    async with await sandbox_named(backend).open(limits, {"slow": slow}) as session:
        for _ in range(5):  # a busy machine may take the cell's own second, too
            result = await session.run("text = slow()\nprint(text)")
            if not result.error:
                break

    assert (result.error, result.stdout) == (None, "there\n")
    assert result.host_seconds >= limits.cell_s


async def test_output_is_cut_in_the_middle(sandbox):
    async with await sandbox.open(Limits(cell_s=60, output_chars=10), {}) as session:
        cut = await session.run("print('12345' + 'x' * 100 + '6789')")
        whole = await session.run("print('123456789')")

    assert cut.stdout == "12345\n… [100 characters left out] …\n6789\n"
    assert (cut.chars_out, cut.truncated) == (110, True)
    assert (whole.stdout, whole.truncated) == ("123456789\n", False)


REACHED = {
    "time": "while True: pass",
    "memory": "hoard = 'x' * 10**10",
    "recursion": "def f(n):\n    return f(n + 1)\nf(0)",
    "host_calls": "for n in range(7): note(n)",
    "output": "for n in range(9): print('x' * 10000)",
}


@pytest.mark.parametrize("backend", BACKENDS[:2])
async def test_a_limit_that_is_reached_is_named(backend, host):
    async def reached(name, code):
        seconds = 1 if name == "time" else 60  # however busy the machine, the others come first
        limits = Limits(cell_s=seconds, memory_mb=256, output_chars=100, host_calls=5)
        async with await sandbox_named(backend).open(limits, host.functions) as session:
            result = await session.run(code)
            return result.error and result.error.limit

    found = await asyncio.gather(*map(reached, REACHED, REACHED.values()))

    assert dict(zip(REACHED, found, strict=True)) == {name: name for name in REACHED}
    assert host.given == [((n,), {}) for n in range(5)]


@NEEDS_LOCKS
async def test_the_whole_sessions_processor_time_is_limited():
    async with await sandbox_named("locked").open(Limits(cell_s=60, processor_s=1), {}) as session:
        result = await session.run("while True: pass")

    assert result.error
    assert result.error.limit == "processor"


async def test_whoever_is_cancelled_leaves_no_process_behind(sandbox, host):
    before = children()
    session = await sandbox.open(PATIENT, host.functions)
    running = asyncio.create_task(session.run("note(1)\nnever()"))
    await host.waiting.wait()
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(SandboxUnavailable, match="closed"):
        await session.run("print(1)")
    assert children() == before


async def test_a_cell_that_computes_can_be_cancelled(sandbox, host):
    before = children()
    session = await sandbox.open(PATIENT, host.functions)
    running = asyncio.create_task(session.run("note(1)\nwhile True:\n    pass"))
    while not host.given:
        await asyncio.sleep(0.01)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert children() == before


async def test_a_process_that_is_killed_is_exchanged(sandbox):
    before = children()
    async with await sandbox.open(PATIENT, {}) as session:
        await session.set_var("context", "text")
        await session.run("mine = 1")
        for pid in children() - before:
            os.kill(pid, signal.SIGKILL)

        lost = await session.run("print(mine)")
        after = await session.run("print(context)")

    assert lost.error
    assert lost.error.type == "SandboxError"
    assert lost.lost_vars == ("mine",)
    assert (after.stdout, after.variables) == ("text\n", ("context",))


async def test_a_value_that_does_not_fit_is_refused_and_the_rest_stays(sandbox):
    async with await sandbox.open(Limits(cell_s=60, memory_mb=64), {}) as session:
        await session.set_var("small", "text")
        await session.run("mine = 1")
        with pytest.raises(ValueError, match="large: the value cannot be held"):
            await session.set_var("large", "x" * 70_000_000)
        result = await session.run("print(small)")

    assert (result.stdout, result.variables, result.lost_vars) == ("text\n", ("small",), ("mine",))


async def test_a_value_too_long_to_tell_stays_where_it_is(session):
    await session.run("long = 'x' * 70_000_000\nshort = 'y'")
    if session.backend == "locked":
        with pytest.raises(KeyError, match="67,108,864 is the most"):
            await session.get_var("long")

    assert await session.get_var("short") == "y"
    assert (await session.run("print(len(long))")).stdout == "70000000\n"


@pytest.mark.parametrize("backend", BACKENDS[:2])
async def test_its_process_has_neither_our_environment_nor_our_files(backend, monkeypatch, tmp_path):
    monkeypatch.setenv("COMPOSITE_CANARY_KEY", "sk-canary")
    before = children()
    with (tmp_path / "ours").open("w"):
        async with await sandbox_named(backend).open(PATIENT, {}):
            [pid] = children() - before
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            files = [os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()]

    assert b"sk-canary" not in environment
    assert [file for file in files if str(tmp_path) in file] == []
    if backend == "locked":
        assert environment == b""
        assert len([file for file in files if file != os.devnull]) == 1  # what we talk through


KILLED = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from composite_llm.sandbox import Limits
from composite_llm.sandbox.choosing import sandbox_named

async def tell():
    print("there", flush=True)

async def main():
    session = await sandbox_named("locked").open(Limits(cell_s=600), {"tell": tell})
    await session.run("tell()\\nwhile True:\\n    pass")

asyncio.run(main())
"""


@NEEDS_LOCKS
def test_a_locked_process_ends_with_the_program_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", KILLED, os.getcwd()], stdout=subprocess.PIPE) as program:
        assert program.stdout
        assert program.stdout.readline() == b"there\n"
        [pid] = children(program.pid)
        program.kill()
    for _ in range(6000):  # patience, and no limit on how long it takes
        if running(pid) is None:
            break
        time.sleep(0.01)

    assert running(pid) is None


async def test_two_sessions_know_nothing_of_each_other(sandbox, host):
    async with (
        await sandbox.open(PATIENT, host.functions) as one,
        await sandbox.open(PATIENT, {}) as other,
    ):
        await one.run("mine = 1")
        results = [await other.run("mine"), await other.run("note(1)")]

    assert [result.error.type for result in results if result.error] == ["NameError", "NameError"]


async def test_a_closed_session_is_closed_twice(sandbox):
    before = children()
    session = await sandbox.open(PATIENT, {})
    await session.close()
    await session.close()

    with pytest.raises(SandboxUnavailable, match="closed"):
        await session.get_var("x")
    assert children() == before


async def test_unsafe_local_takes_two_people_to_choose(monkeypatch, caplog):
    monkeypatch.delenv("COMPOSITE_LLM_UNSAFE_SANDBOX", raising=False)
    with pytest.raises(SandboxUnavailable, match="COMPOSITE_LLM_UNSAFE_SANDBOX=1"):
        await sandbox_named("unsafe_local").open(PATIENT, {})

    monkeypatch.setenv("COMPOSITE_LLM_UNSAFE_SANDBOX", "1")
    async with await sandbox_named("unsafe_local").open(PATIENT, {}) as session:
        result = await session.run("import os\nprint(len(os.listdir('/')) > 0)")

    assert (result.stdout, result.backend) == ("True\n", "unsafe_local")
    assert "without a sandbox" in caplog.text


def test_an_unknown_sandbox_is_a_bad_request():
    with pytest.raises(
        BadRequest, match="no sandbox 'docker'. Write one of auto, monty, locked, unsafe_local"
    ):
        sandbox_named("docker")


def children(of=None):
    """Processes that this one, or another, has started and that still run."""
    pids = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return {pid for pid in pids if running(pid) == (of or os.getpid())}


def running(pid):
    """Whose child it is; None where it has ended."""
    with suppress(OSError):
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
        return None if state == "Z" else int(parent)
    return None
