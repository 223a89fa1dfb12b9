"""Tables on the wire, as Arrow's streaming format."""

import pyarrow as pa

MEDIA_TYPE = "application/vnd.apache.arrow.stream"


def encoded(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def decoded(body: bytes) -> pa.Table:
    """Raises pa.ArrowInvalid."""
    with pa.ipc.open_stream(body) as stream:
        return stream.read_all()
