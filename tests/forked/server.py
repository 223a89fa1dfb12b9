"""Runs Python scripts in forks of a process that has imported what they import, LiteLLM above all: they begin at once,
where a new interpreter loads for four seconds of a processor's time.

    python -m tests.forked.server <socket> <script> <argument> …

The script that is given is run first, to learn what it imports. Whoever connects then is tests/forked/shim.py: it says
what to run, with its own standard files, environment and folder, and gets the number of the process and its exit code.
The server ends with its standard input.
"""

import atexit
import gc
import importlib
import marshal
import os
import runpy
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

WORD = 8
"""Bytes of a number on the socket."""


def main(path: str, *first: str) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        if learn():
            run(*first)
            return
        listener.listen()
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a keeper
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            shim, _ = listener.accept()
            with shim:
                if not os.fork():
                    listener.close()
                    script = keep(shim)
                    break
        else:
            return
    run(*script)


def learn() -> bool:
    """True in a fork that is to run as an example; in the server all that it has imported is imported then."""
    reading, writing = os.pipe()
    if not (pid := os.fork()):
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nowhere, number)
        atexit.register(lambda: os.write(writing, "\n".join(sys.modules).encode()))
        return True
    os.close(writing)
    with open(reading) as told:
        for name in told.read().split("\n"):
            with suppress(Exception):  # not every module can be asked for by its name
                importlib.import_module(name)
    os.waitpid(pid, 0)
    gc.collect()
    gc.freeze()  # or the first collection of each fork would copy it all
    return False


def keep(shim: socket.socket) -> list[str]:
    """Comes back in a fork of its own, to run what is returned; here it waits for that one's end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, files, _, _ = socket.recv_fds(shim, WORD, 3)
    with shim.makefile("rb") as said:
        script, environment, folder = marshal.loads(said.read(int.from_bytes(size)))
    if pid := os.fork():
        for file in files:
            os.close(file)
        wait(shim, pid)
        os._exit(0)
    as_begun(files, environment, folder)
    return script


def as_begun(files: list[int], environment: dict[str, str], folder: str) -> None:
    """What an interpreter finds when it begins."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    # Whether they are terminals, or can be wound back, is known to Python from before.
    code = environment.get("PYTHONIOENCODING")
    sys.stdin = os.fdopen(0, encoding=code, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding=code, closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding=code, errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)


def wait(shim: socket.socket, pid: int) -> None:
    shim.sendall(pid.to_bytes(WORD))
    if hasattr(os, "pidfd_open") and shim in select.select([os.pidfd_open(pid), shim], [], [])[0]:
        os.kill(pid, signal.SIGKILL)  # whoever waited for it was killed
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(OSError):
        shim.sendall(code.to_bytes(WORD, signed=True))


def run(script: str, *arguments: str) -> None:
    sys.argv[:] = [script, *arguments]
    sys.path[0] = str(Path(script).parent)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
