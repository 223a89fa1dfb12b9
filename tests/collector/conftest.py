"""Real parts: a DuckDB file in a temporary folder, a collector on a socket of its own."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector import otlp
from collector.doors import listening_socket
from collector.server import Collector, serve
from collector.store.duckdb_store import DuckdbStore
from tests.collector.running import RunningCollector
from tests.otlp_traces import export_request


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckdbStore]:
    opened = DuckdbStore.open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def land(store: DuckdbStore):
    """Land spans; the number that was new."""

    def landed(spans, **more) -> int:
        batch = otlp.batch_of(export_request(spans, **more))
        assert batch.rejected == []
        return store.land(batch).num_rows

    return landed


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[RunningCollector]:
    """A collector in this process, on a free port."""
    listener = listening_socket(0)
    running = Collector(tmp_path / "data")
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(running, listener), kwargs={"stop": stop})
    thread.start()
    yield RunningCollector(f"http://127.0.0.1:{listener.getsockname()[1]}", tmp_path / "data", running)
    stop.set()
    thread.join()
