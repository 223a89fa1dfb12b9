"""The process that decodes beside the collector's: bodies come in through a pipe, rows go out through another.

Started by `beside.py`. It ends with the collector, since its pipe ends then, and when nothing has come for a while.
"""

import gc
import logging
import os
from contextlib import suppress
from multiprocessing.connection import Connection

from collector.lean_process import leave_out_unused

leave_out_unused()

from collector.content.log import LINE, log_through
from collector.content.policy import ContentPolicy
from collector.decoding.decoded import Decoded, decoded
from collector.decoding.handover import READY, Body, received_body, send_rows
from collector.receivers.inflate import inflate
from collector.spans.otlp import PARSERS

OBJECTS_BEFORE_COLLECTION = 50_000
"""As in the collector: rows make no cycles."""


def main() -> None:
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
    bodies, rows = Connection(0, writable=False), Connection(os.dup(1), readable=False)
    # Whatever somebody prints must not get between the rows.
    os.dup2(2, 1)
    # These say that the collector has ended.
    with suppress(EOFError, OSError):
        _serve(bodies, rows)


def _serve(bodies: Connection, rows: Connection) -> None:
    logging.basicConfig(level=logging.WARNING, format=LINE)
    told: tuple[ContentPolicy, float] = bodies.recv()
    policy, seconds_idle = told
    log_through(policy)
    rows.send(READY)
    while bodies.poll(seconds_idle):
        send_rows(rows, _made_of(received_body(bodies), policy))


def _made_of(body: Body, policy: ContentPolicy) -> Decoded | None:
    """None where that is not possible: the collector tries itself, and so finds the words for the sender."""
    try:
        plain = inflate(body.sent, body.limit) if body.compressed else body.sent
        made = decoded(PARSERS[body.encoding](plain), policy, len(plain))
    # Whatever is wrong with one body, those behind it must not wait for it.
    except Exception:  # noqa: BLE001
        return None
    # Rows that did not become columns hold a value that no column takes.
    return None if made.batch.rows else made


if __name__ == "__main__":
    main()
    # At once, since the collector takes the end of the pipe for the end of the process.
    os._exit(0)
