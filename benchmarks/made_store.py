"""Stores of millions of spans, made once and kept in a cache folder outside the project.

A base set lands through the collector's own code. Its copies are made in SQL, each with ids, times and costs of
its own, and land through the collector's own statements. Copies lie further apart than zstd looks, so the store
compresses as if every prompt were new.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

import duckdb

from benchmarks import traffic
from collector.spans.otlp import batch_of, from_protobuf
from collector.store import statements
from collector.store.duckdb import opening, settling
from collector.store.duckdb.store import FILE_NAME, DuckdbStore

BASE_SPANS = 100_000
DAYS = 30.0
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "composite-llm-benchmarks"

COPY = """
create or replace temp table fresh as
select base.* replace (
    md5(trace_id || $copy) as trace_id,
    left(md5(span_id || $copy), 16) as span_id,
    left(md5(parent_span_id || $copy), 16) as parent_span_id,
    start_ns + $shift_ns as start_ns,
    duration_ns + $copy::bigint * 1_000_003 as duration_ns,
    cost_usd * (1 + $copy::bigint / 1000) as cost_usd,
    landed_ns + $shift_ns as landed_ns
)
from base
"""


def folder_of(spans: int) -> Path:
    """The folder of a store with `spans` spans over the last days; made now if it is not there yet."""
    folder = CACHE / f"{spans}-{_digest()}"
    if not folder.exists():
        print(f"making a store of {spans:,} spans in {folder} …", file=sys.stderr)
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        _make(unfinished, spans // BASE_SPANS)
        unfinished.rename(folder)
    return folder


def _digest() -> str:
    """Of all that decides what is in a store, so that a store of an older schema is not taken for a new one."""
    sources = [
        *statements.schema(),
        statements.landing("trace_parts"),
        Path(traffic.__file__).read_text(),
        COPY,
    ]
    return hashlib.sha256("".join(sources).encode()).hexdigest()[:12]


def _make(folder: Path, copies: int) -> None:
    days = DAYS / copies
    base = _landed(folder / "base", days)
    DuckdbStore.open(folder).close()
    with duckdb.connect(config={"memory_limit": "4GB"}) as connection:
        opening.attach(connection, base, "base_store")
        opening.attach(connection, folder / FILE_NAME, "store")
        connection.execute("use store; set checkpoint_threshold = '256MB'")
        connection.execute("create temp table base as select * from base_store.spans")
        # The youngest copy lies where the base does; the oldest comes first, as spans arrive.
        for copy in reversed(range(copies)):
            # Before each copy but the first, so that the parts of the last one wait, as they do while spans arrive.
            settling.settle(connection)
            shift_ns = -round(copy * days * 86_400e9)
            connection.execute(COPY, {"copy": str(copy), "shift_ns": shift_ns})
            connection.execute(statements.landing("spans"))
            connection.execute(statements.landing("trace_parts"))
        connection.execute("insert into resources select * from base_store.resources")
        connection.execute("insert into scopes select * from base_store.scopes")
        connection.execute("checkpoint")
    shutil.rmtree(base.parent)


def _landed(folder: Path, days: float) -> Path:
    """A store with the base set, as the collector makes it."""
    store = DuckdbStore.open(folder)
    for body in traffic.bodies(BASE_SPANS, days=days):
        store.land(batch_of(from_protobuf(body)))
    store.close()
    return store.path
