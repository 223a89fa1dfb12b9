"""A server for the tests of one process, and what they put in front of their commands."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PROGRAM = Path(sys.executable).parent / "composite-llm"


@dataclass(frozen=True, slots=True)
class Forks:
    folder: Path
    """Holds a `composite-llm`, for a PATH."""
    python: tuple[str, ...]
    """In place of an interpreter, before a script's path."""

    @property
    def composite_llm(self) -> tuple[str, ...]:
        return *self.python, str(PROGRAM)


@contextmanager
def running_forks(folder: Path, environment: dict[str, str]) -> Generator[Forks]:
    """Its forks have the imports of a composite request on the command line; `environment` is for that one."""
    socket = folder / "socket"
    first = [str(PROGRAM), "ask", "Why?", "--stream"]
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.forked.server", str(socket), *first],
        cwd=HERE.parents[1],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests, which end it then
    )
    python = (sys.executable, "-IS", str(HERE / "shim.py"), str(socket))
    command = folder / "composite-llm"
    command.write_text(f'#!/bin/sh\nexec {" ".join(python)} {PROGRAM} "$@"\n')
    command.chmod(0o755)
    with server:
        assert server.stdout.readline() == b"ready\n"
        yield Forks(folder, python)
