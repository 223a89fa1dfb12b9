"""The process: reads its limits, loads what code may import, locks itself up, and serves cells until nobody asks."""

import json
import os
import signal
import sys
from contextlib import nullcontext, suppress

from composite_llm.sandbox.child import frames, limits, modules
from composite_llm.sandbox.child.lock import lock_up
from composite_llm.sandbox.child.repl import Repl


def main() -> None:
    asked = json.loads(sys.argv[2])
    channel = _own_channel()
    try:
        # Ctrl-C in a terminal is for the program, which then ends this.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with suppress(OSError, ValueError) if asked["unlocked"] else nullcontext():
            limits.limit(asked["memory_mb"], asked["processor_s"])
        modules.load(only_these=not asked["unlocked"])
        repl = Repl(channel, asked["functions"], asked["output_chars"])
        held = {} if asked["unlocked"] else lock_up()
    except Exception as error:  # noqa: BLE001 - whatever it is, the program is told why there is no sandbox
        frames.write(channel, {"refused": f"{type(error).__name__}: {error}"})
        os._exit(1)
    try:
        frames.write(channel, {"ready": held})
        repl.serve()
    finally:
        os._exit(0)  # without clean-up, which wants calls that are refused


def _own_channel() -> int:
    """The socket this was started with, away from where `print` and `input` look."""
    channel, nowhere = os.dup(0), os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return channel
