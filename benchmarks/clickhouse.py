"""The same spans in DuckDB and in ClickHouse, side by side in one run; needs chdb (`make test-clickhouse`).

ClickHouse is its engine inside this process: what a server adds, the network and other people's queries, is
not measured here. Not a part of `make bench`, because of what it needs: python -m benchmarks clickhouse.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

import pyarrow as pa
from clickhouse_connect import get_client

from benchmarks.figures import Figure
from benchmarks.traffic import bodies
from collector import queries
from collector.parameters import Buckets, OneTrace, TraceFilter, Window
from collector.spans.batch import Batch
from collector.spans.otlp import batch_of, from_protobuf
from collector.store.clickhouse.address import ClickhouseAddress
from collector.store.clickhouse.store import ClickhouseStore
from collector.store.duckdb.store import DuckdbStore
from collector.store.interface import TraceStore

SPANS = int(os.environ.get("COMPOSITE_LLM_BENCH_SPANS", "1000000"))
SPANS_A_COMMIT = 4096
REPEATS = 5
DAYS = 7


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        connect = partial(get_client, interface="chdb", path=f"{folder}/clickhouse")
        stores: dict[str, TraceStore] = {
            "DuckDB": DuckdbStore.open(Path(folder)),
            "ClickHouse": ClickhouseStore(ClickhouseAddress("localhost", 0, "default"), connect),
        }
        seconds = _landed(stores)
        figures = [
            _figure("landed, spans a second", [f"{SPANS / seconds[name]:,.0f}" for name in stores]),
            _figure("bytes a span", [f"{store.bytes_on_disk() / SPANS:,.0f}" for store in stores.values()]),
        ]
        for question, ask in _questions(stores["DuckDB"]).items():
            taken = [_median_seconds(ask, store) * 1000 for store in stores.values()]
            figures.append(_figure(f"`{question}`", [f"{each:,.0f} ms" for each in taken]))
        for store in stores.values():
            store.close()
    return figures


def _figure(what: str, measured: list[str]) -> Figure:
    return Figure(f"{what}, DuckDB / ClickHouse, {SPANS:,} spans", " / ".join(measured))


def _landed(stores: dict[str, TraceStore]) -> dict[str, float]:
    """Seconds each store took to commit, in groups as the collector makes them."""
    seconds = dict.fromkeys(stores, 0.0)
    for batch in _batches():
        for name, store in stores.items():
            started = time.perf_counter()
            store.land(batch)
            seconds[name] += time.perf_counter() - started
    return seconds


def _batches() -> Iterator[Batch]:
    group: list[Batch] = []
    for body in bodies(SPANS, days=DAYS):
        group.append(batch_of(from_protobuf(body)))
        if sum(len(batch) for batch in group) >= SPANS_A_COMMIT:
            yield Batch.together(group)
            group = []
    if group:
        yield Batch.together(group)


def _questions(store: TraceStore) -> dict[str, Callable[[TraceStore], pa.Table]]:
    now = time.time_ns()
    week = Window(since_ns=now - (DAYS + 1) * 86_400 * 10**9, until_ns=now)
    day = Window(since_ns=now - 86_400 * 10**9, until_ns=now)
    days = Buckets(since_ns=week.since_ns, until_ns=now, bucket_seconds=86_400)
    page = TraceFilter(since_ns=week.since_ns, until_ns=now)
    one = OneTrace(trace_id=queries.traces(store, page)["trace_id"][7].as_py())
    return {
        "totals of 7 days": lambda store: queries.totals(store, week),
        "totals of 1 day": lambda store: queries.totals(store, day),
        "by_strategy of 7 days": lambda store: queries.by_strategy(store, week),
        "totals_over_time by day": lambda store: queries.totals_over_time(store, days),
        "spend_by_model by day": lambda store: queries.spend_by_model(store, days),
        "traces, the first page": lambda store: queries.traces(store, page),
        "trace_spans": lambda store: queries.trace_spans(store, one),
    }


def _median_seconds(ask: Callable[[TraceStore], pa.Table], store: TraceStore) -> float:
    ask(store)
    taken: list[float] = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        ask(store)
        taken.append(time.perf_counter() - started)
    return median(taken)
