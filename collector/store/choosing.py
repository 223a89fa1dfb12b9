"""Which engine keeps the spans: a file of this collector's own, or a server that others may share."""

from pathlib import Path

from collector.errors import BadStoreAddress
from collector.store.duckdb.store import DuckdbStore
from collector.store.interface import TraceStore


def open_store(url: str, data: Path) -> TraceStore:
    """The store at `url`; without one, DuckDB in the folder `data`."""
    if not url:
        return DuckdbStore.open(data)
    try:
        # An extra, and half a second of imports nobody else needs.
        from collector.store.clickhouse.address import ClickhouseAddress
        from collector.store.clickhouse.store import ClickhouseStore
    except ImportError as error:
        raise BadStoreAddress(
            f"{error.name} is not installed; install it with: pip install 'composite-llm[clickhouse]'"
        ) from error
    return ClickhouseStore.open(ClickhouseAddress.parsed(url))
