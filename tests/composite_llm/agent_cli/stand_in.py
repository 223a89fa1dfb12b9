"""Stands in for Cursor's agent CLI: a program that takes its arguments and speaks its lines, by a script.

    python -S -E stand_in.py SCRIPT RECORD -p --output-format stream-json … --model auto  < prompt

SCRIPT is a JSON list of steps, each `[name, argument]`; RECORD is written with what this run was given.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

PATIENCE_S = 600
"""Longer than any test: what runs then was not ended by what is tested."""


def event(told):
    raw(json.dumps(told) + "\n")


def raw(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def stderr(text):
    sys.stderr.write(text)
    sys.stderr.flush()


def touch(path):
    Path(path).touch()


def until(path):
    """Goes on when there is such a file."""
    ends = time.monotonic() + PATIENCE_S
    while not Path(path).exists() and time.monotonic() < ends:
        time.sleep(0.005)


def forever(_):
    until("/nowhere")


def child(path):
    """Starts another process, which says where it is and stays, with this one's output open."""
    if os.fork() == 0:
        for ignored in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(ignored, signal.SIG_IGN)
        Path(path).with_suffix(".new").write_text(str(os.getpid()))
        Path(path).with_suffix(".new").rename(path)
        forever(None)
        os._exit(0)
    until(path)


def stray(path):
    """A child in a session of its own."""
    if os.fork() == 0:
        os.setsid()
        child(path)
        os._exit(0)
    until(path)


def flood(megabytes):
    for _ in range(megabytes):
        raw("x" * 2**20)


def close_output(_):
    sys.stdout.flush()
    os.close(1)


def kill(number):
    os.kill(os.getpid(), number)


def leave(code):
    sys.stdout.flush()
    os._exit(code)


STEPS = {
    step.__name__: step
    for step in (event, raw, stderr, touch, until, forever, child, stray, flood, kill, leave)
}
STEPS["close_output"] = close_output


def main():
    script, record, *arguments = sys.argv[1:]
    given = {
        "arguments": arguments,
        "prompt": sys.stdin.read(),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "files": os.listdir(),
        "heads_its_group": os.getpgrp() == os.getpid() == os.getsid(0),
    }
    with open(record, "a") as file:
        file.write(json.dumps(given) + "\n")
    if "--trust" not in arguments:
        stderr("⚠ Workspace Trust Required\n")
        leave(1)
    for name, argument in json.loads(Path(script).read_text()):
        STEPS[name](argument)


main()
