"""Collectors that several tests share, because these tests change nothing."""

from collections.abc import Iterator

import pytest

from tests.collector.running import RunningCollector, running_collector
from tests.otlp_traces import all_traces


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> Iterator[RunningCollector]:
    """A collector that holds the four traces of `all_traces`."""
    with running_collector(tmp_path_factory.mktemp("stored")) as running:
        running.send(all_traces())
        yield running
