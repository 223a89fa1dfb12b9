"""Real parts: a DuckDB file in a temporary folder, a collector on a socket of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.spans import otlp
from collector.store.duckdb.store import DuckdbStore
from tests.collector.running import RunningCollector, running_collector
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
    with running_collector(tmp_path / "data") as running:
        yield running
