"""What each sandbox runs of what models write, what gets out of it, and how soon it is there.

The cells and attacks are those of `tests/composite_llm/sandbox`. The row to compare with is a stand-in for a REPL that
runs code by `exec` in the program itself and takes some builtins away (`eval`, `exec`, `compile`, `input`, `globals`,
`locals`), as the `local` environment of the package rlms does; it is written for this comparison and is not that
package, which leaves fewer builtins, so that fewer cells run there. It runs in a process of its own here, so that attacks end that and not the benchmark; attacks without
an end are left out of its row, since nothing would end them.
"""

import asyncio
import builtins
import contextlib
import inspect
import io
import json
import os
import select
import signal
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from composite_llm.sandbox import Limits
from composite_llm.sandbox.choosing import sandbox_named
from tests.composite_llm.sandbox.cells import ATTACKS, CONTEXT, FUNCTIONS, LEGITIMATE, SECRET, Cell

BACKENDS = ("monty", "locked", "auto")
STARTS = 20
KEY = "COMPOSITE_CANARY_KEY"
TAKEN_AWAY = ("eval", "exec", "compile", "input", "globals", "locals")
ENDLESS = "a flood of calls"


def measure() -> list[Figure]:
    os.environ[KEY] = SECRET
    try:
        return [figure for name in BACKENDS for figure in _figures_of(name)] + _stand_in()
    finally:
        del os.environ[KEY]


def _figures_of(name: str) -> list[Figure]:
    ran = asyncio.run(_ran(name))
    gained = asyncio.run(_gained(name))
    starts = asyncio.run(_starts(name))
    return [
        Figure(f"`{name}`: cells that run as in CPython", f"{ran} of {len(LEGITIMATE)}"),
        Figure(f"`{name}`: attacks that get anything", f"{gained} of {len(ATTACKS)}", "0"),
        Figure(
            f"`{name}`: a session, from asking for it to its first cell's result",
            f"{median(starts) * 1e3:.0f} ms (longest {max(starts) * 1e3:.0f} ms)",
        ),
    ]


async def _ran(name: str) -> int:
    async with await sandbox_named(name).open(Limits(), FUNCTIONS) as session:
        await session.set_var("context", CONTEXT)
        return sum([(await session.run(cell.code)).stdout == cell.prints for cell in LEGITIMATE])


async def _gained(name: str) -> int:
    async with await sandbox_named(name).open(Limits(cell_s=1, memory_mb=256), FUNCTIONS) as session:

        async def tried(attack: Cell, code: str) -> str:
            result = await session.run(code)
            after = await session.run("print(llm_query('x'))")
            return after.stdout if "next" in attack.words else result.stdout

        return await _successes(tried, ATTACKS)


async def _starts(name: str) -> list[float]:
    seconds: list[float] = []
    for _ in range(STARTS):
        started = time.perf_counter()
        async with await sandbox_named(name).open(Limits(), FUNCTIONS) as session:
            await session.run("print(1)")
            seconds.append(time.perf_counter() - started)
    return seconds


async def _successes(tried: Callable[[Cell, str], Awaitable[str]], attacks: Sequence[Cell]) -> int:
    """How many show what they came for, or leave a file where there was none."""
    count = 0
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        for number, attack in enumerate(attacks):
            secret, out = Path(folder, "key"), Path(folder, f"out{number}")
            secret.write_text(SECRET)
            code = attack.code.replace("@FILE@", str(secret)).replace("@OUT@", str(out))
            shown = await tried(attack, code.replace("@PORT@", str(server.getsockname()[1])))
            count += "PWNED" in shown or os.path.lexists(out) or not secret.exists()
    return count


def _stand_in() -> list[Figure]:
    finite = [attack for attack in ATTACKS if "burns" not in attack.words and attack.name != ENDLESS]

    async def tried(attack: Cell, code: str) -> str:
        shown, after = _in_a_program(code, "print(llm_query('x'))")
        return after if "next" in attack.words else shown

    ran = sum(_in_a_program(cell.code, "")[0] == cell.prints for cell in LEGITIMATE)
    gained = asyncio.run(_successes(tried, finite))
    return [
        Figure(
            "`exec` in the program (stand-in): cells that run as in CPython", f"{ran} of {len(LEGITIMATE)}"
        ),
        Figure(
            "`exec` in the program (stand-in): attacks that get anything",
            f"{gained} of {len(finite)} that end",
        ),
    ]


def _in_a_program(*cells: str) -> list[str]:
    """What each cell prints, in a fork that runs them as the stand-in does. A program that an attack ends, or that
    has not ended after ten seconds, has lost what came next."""
    reader, writer = os.pipe()
    program = os.fork()
    if program == 0:
        try:
            _answer_into(writer, cells)
        finally:
            os._exit(0)
    os.close(writer)
    ready, _, _ = select.select([reader], [], [], 10)
    shown = (
        os.read(reader, 2**16) if ready else b""
    )  # not to its end, which what it has started may keep open
    os.close(reader)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(program, signal.SIGKILL)
    os.waitpid(program, 0)
    try:
        return json.loads(shown)
    except ValueError:
        return ["", "PWNED"]


def _answer_into(pipe: int, cells: Sequence[str]) -> None:
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(256):
        if descriptor not in (pipe, nowhere):
            with contextlib.suppress(OSError):
                os.dup2(nowhere, descriptor) if descriptor < 3 else os.close(descriptor)
    os.write(pipe, json.dumps(_run_as_the_stand_in(cells)).encode(errors="replace"))


def _run_as_the_stand_in(cells: Sequence[str]) -> list[str]:
    safe = {name: value for name, value in vars(builtins).items() if name not in TAKEN_AWAY}
    functions = {name: _answered_at_once(function) for name, function in FUNCTIONS.items()}
    namespace = {"__builtins__": safe, "__name__": "__main__", "context": CONTEXT}
    printed: list[str] = []
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.suppress(Exception):
            namespace |= functions
            exec(cell, namespace)  # noqa: S102 - this is what is compared with
        printed.append(output.getvalue()[:10_000])
    return printed


def _answered_at_once(function: Callable[..., Awaitable[object]]) -> Callable[..., object]:
    def call(*args: object, **kwargs: object) -> object:
        waiting = function(*args, **kwargs)
        assert inspect.iscoroutine(waiting)
        try:
            waiting.send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError("the suite's functions wait for nothing")

    return call
