"""A collector of its own, as another program would meet it."""

import socket
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from collector.launch import ensure_collector, stop_children
from composite_llm.settings import Settings


@contextmanager
def collector_process(data: Path | None = None) -> Generator[Settings]:
    """On a store of its own, or on the one in `data`."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory() as empty:
        settings = Settings(
            data=data or Path(empty),
            collector=f"http://127.0.0.1:{port}",
            content="full",
            simulate=False,
            simulator="",
        )
        ensure_collector(settings)
        try:
            yield settings
        finally:
            stop_children()
