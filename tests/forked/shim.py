"""Stands for a Python process that tests/forked/server.py runs: `python -IS shim.py <socket> <script> <argument> …`.

It has that one's standard files, passes on the signals it gets, and ends as that one ends.
"""

import marshal
import os
import signal
import socket
import sys

WORD = 8


def main(path: str, *script: str) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        said = marshal.dumps((list(script), dict(os.environ), os.getcwd()))
        socket.send_fds(server, [len(said).to_bytes(WORD, "big")], [0, 1, 2])
        server.sendall(said)
        pid = int.from_bytes(server.recv(WORD), "big")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: os.kill(pid, number))
        told = server.recv(WORD)
    code = int.from_bytes(told, "big", signed=True) if told else 255
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


main(*sys.argv[1:])
