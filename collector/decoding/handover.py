"""How bodies and rows get from one process to the other: as they came, and as Arrow has them in memory."""

import os
from multiprocessing.connection import Connection
from typing import NamedTuple

import pyarrow as pa

from collector.decoding.decoded import Decoded

READY = "ready"
"""What the process that decodes says once it can."""


class Body(NamedTuple):
    encoding: str
    """One of PARSERS."""
    compressed: bool
    limit: int
    """In bytes, after decompression."""
    sent: bytes


def send_body(bodies: Connection, body: Body) -> None:
    # Apart from the rest, which spares it a copy.
    bodies.send(body._replace(sent=b""))
    bodies.send_bytes(body.sent)


def received_body(bodies: Connection) -> Body:
    """Raises EOFError once no more will come."""
    return bodies.recv()._replace(sent=bodies.recv_bytes())


def send_rows(rows: Connection, made: Decoded | None) -> None:
    """Rows that are in columns, which are not in `made` afterwards."""
    if made is None:
        rows.send(None)
        return
    [table] = made.batch.tables
    made.batch.tables.clear()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    columns = memoryview(sink.getvalue())
    rows.send((made, len(columns)))
    while columns:
        columns = columns[os.write(rows.fileno(), columns) :]


def received_rows(rows: Connection) -> Decoded | None:
    """Raises EOFError once no more will come."""
    answer: tuple[Decoded, int] | None = rows.recv()
    if answer is None:
        return None
    made, size = answer
    # The columns stand where the bytes come in: nothing is copied.
    columns = pa.allocate_buffer(size)
    rest = memoryview(columns)
    while rest:
        read = os.readv(rows.fileno(), [rest])
        if not read:
            raise EOFError
        rest = rest[read:]
    made.batch.tables.append(pa.ipc.open_stream(columns).read_all())
    return made
