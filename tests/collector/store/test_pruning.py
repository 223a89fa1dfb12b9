"""What goes, what stays, and what a dry run says of it."""

import random
import threading

import pytest

from collector.errors import BadLimit, StoreError
from collector.parameters import Nothing, OneTrace, TraceFilter, Window
from collector.queries import store_counts, totals, trace_spans, trace_summary, traces
from collector.retention.limits import Limits, PrunedDay, bytes_of, seconds_of
from collector.store.duckdb import compaction, pruning
from tests.collector.running import EVERYTHING
from tests.otlp_traces import (
    DAY,
    NOON,
    SECOND,
    council_trace,
    foreign_trace,
    moa_trace,
    span,
    trace_hex,
)

NOW = NOON + 10 * DAY
"""2026-10-07 12:00:00 UTC."""


def keep_days(days: float) -> Limits:
    return Limits(keep_seconds=days * 86_400)


@pytest.fixture
def prune(store):
    def pruned(limits: Limits, *, now_ns: int = NOW, dry_run: bool = False, stop=None):
        return store.prune(limits, now_ns=now_ns, dry_run=dry_run, stop=stop or threading.Event())

    return pruned


def trace_ids(store) -> set[str]:
    return {row["trace_id"] for row in traces(store, TraceFilter(**EVERYTHING, page_size=1000)).to_pylist()}


def rows(store, statement: str) -> list[tuple]:
    with store.file.reading() as cursor:
        return cursor.execute(statement).fetchall()


def test_traces_that_ended_longer_ago_go_and_the_others_answer_as_before(store, land, prune):
    land(moa_trace(1, start_ns=NOON))
    land(council_trace(2, start_ns=NOON + 5 * DAY))
    land(foreign_trace(3, start_ns=NOON + 9 * DAY))
    before = [trace_spans(store, OneTrace(trace_id=trace_hex(number))) for number in (2, 3)]

    pruned = prune(keep_days(6))

    assert (pruned.traces, pruned.spans) == (1, 7)
    assert pruned.oldest_kept_ns == NOON + 5 * DAY
    assert trace_ids(store) == {trace_hex(2), trace_hex(3)}
    assert [trace_spans(store, OneTrace(trace_id=trace_hex(number))) for number in (2, 3)] == before
    [counts] = store_counts(store, Nothing()).to_pylist()
    assert (counts["traces"], counts["spans"], counts["llm_calls"]) == (2, 10, 6)
    [sums] = totals(store, Window(**EVERYTHING)).to_pylist()
    assert (sums["runs"], sums["calls"], sums["input_tokens"]) == (2, 6, 570)
    assert sums["spend_usd"] == pytest.approx(0.15)


def test_nothing_of_a_trace_is_left_in_any_table(store, land, prune):
    land([*moa_trace(1), *foreign_trace(3)], resource={"service.name": "old"}, scope="old")
    land([*moa_trace(2, start_ns=NOW), *foreign_trace(4, start_ns=NOW)])

    prune(keep_days(1))

    tables = [
        name
        for (name,) in rows(store, "select table_name from duckdb_columns() where column_name = 'trace_id'")
        if name in {table for (table,) in rows(store, "select table_name from duckdb_tables()")}
    ]
    assert {"spans", "trace_parts"} <= set(tables)
    for table in tables:
        left = {trace_id for (trace_id,) in rows(store, f"select trace_id from {table}")}
        assert left
        assert left <= {trace_hex(2), trace_hex(4)}
    assert rows(store, "select attributes ->> 'service.name' from resources") == [("composite-llm",)]
    assert rows(store, "select count(*) from scopes where name = 'old'") == [(0,)]
    assert rows(store, "select count(*) from scopes") == [(1,)]


def test_a_trace_goes_by_its_last_end_and_only_as_a_whole(store, land, prune):
    land([span("old part", trace=1, number=1, start_ns=NOON)])
    land([span("late part", trace=1, number=2, parent=1, start_ns=NOON + 9 * DAY)])
    land([span("runs for long", trace=2, number=1, start_ns=NOON, duration_ms=9 * DAY / 1e6)])
    land([span("ended", trace=3, number=1, start_ns=NOON)])

    assert prune(keep_days(6)).traces == 1
    assert trace_ids(store) == {trace_hex(1), trace_hex(2)}
    [summary] = trace_summary(store, OneTrace(trace_id=trace_hex(1))).to_pylist()
    assert summary["spans"] == 2


def test_the_limit_itself_is_kept(store, land, prune):
    land([span("ends at the limit", trace=1, start_ns=NOON, duration_ms=1000)])
    land([span("ends a nanosecond before", trace=2, start_ns=NOON - 1, duration_ms=1000)])

    prune(keep_days(10), now_ns=NOON + SECOND + 10 * DAY)

    assert trace_ids(store) == {trace_hex(1)}


def test_a_dry_run_says_what_would_go_for_each_day_and_takes_nothing(store, land, prune):
    land(moa_trace(1, start_ns=NOON))
    land(moa_trace(2, start_ns=NOON + SECOND))
    land(council_trace(3, start_ns=NOON + DAY))
    land(foreign_trace(4, start_ns=NOW))

    said = prune(keep_days(5), dry_run=True)

    span_bytes = store.file.blocks().used_bytes / 24
    assert said.days == (
        PrunedDay("2026-09-27", traces=2, spans=14, bytes=round(14 * span_bytes)),
        PrunedDay("2026-09-28", traces=1, spans=9, bytes=round(9 * span_bytes)),
    )
    assert (said.dry_run, said.traces, said.spans, said.oldest_kept_ns) == (True, 3, 23, NOW)
    assert said.store_bytes_before == said.store_bytes_after
    assert len(trace_ids(store)) == 4
    # And that is what goes then.
    done = prune(keep_days(5))
    assert (done.traces, done.spans, done.days) == (said.traces, said.spans, said.days)
    assert trace_ids(store) == {trace_hex(4)}


def test_an_empty_store_and_one_without_limits_keep_everything(store, land, prune):
    assert prune(keep_days(1)).traces == 0
    land(moa_trace(1))

    assert prune(Limits()).traces == 0
    assert prune(Limits(max_bytes=10**12)).traces == 0
    assert trace_ids(store) == {trace_hex(1)}


def test_everything_may_go(store, land, prune):
    land(moa_trace(1))

    pruned = prune(keep_days(1))

    assert (pruned.traces, pruned.oldest_kept_ns) == (1, None)
    assert rows(store, "select count(*) from resources") == [(0,)]
    assert land(moa_trace(1)) == 7


def test_spans_that_come_late_for_a_trace_that_went_are_kept_until_they_are_old_themselves(
    store, land, prune
):
    spans = moa_trace(1)
    land(spans[1:])
    prune(keep_days(6))
    [*_, late] = [span("late", trace=1, number=99, parent=6, start_ns=NOON + 8 * DAY)]

    land([late])

    [row] = trace_spans(store, OneTrace(trace_id=trace_hex(1))).to_pylist()
    assert (row["name"], row["is_orphan"]) == ("late", True)
    assert prune(keep_days(6)).traces == 0
    assert prune(keep_days(1)).traces == 1
    assert trace_ids(store) == set()


def test_many_traces_go_in_small_transactions(store, land, prune, monkeypatch):
    monkeypatch.setattr(pruning, "PORTION_SPANS", 20)
    for number in range(1, 31):
        land(moa_trace(number, start_ns=NOON + number * SECOND))

    assert len(list(pruning._portions(store.file, NOON + DAY))) == 11
    assert prune(keep_days(1)).spans == 210
    assert trace_ids(store) == set()


def test_a_trace_that_went_on_after_the_plan_stays(store, land):
    land([span("first", trace=1, number=1)])
    land([span("first", trace=2, number=1)])
    [portion] = pruning._portions(store.file, NOON + DAY)
    land([span("second", trace=1, number=2, start_ns=NOON + 2 * DAY)])

    pruning._remove_portion(store.file, portion, NOON + DAY)

    assert trace_ids(store) == {trace_hex(1)}
    assert rows(store, "select count(*) from spans") == [(2,)]


def test_a_prune_that_is_stopped_says_so_and_goes_on_next_time(store, land, prune):
    land(moa_trace(1))
    stop = threading.Event()
    stop.set()

    with pytest.raises(StoreError, match="stopped"):
        prune(keep_days(1), stop=stop)
    assert prune(keep_days(1)).traces == 1


def large(number: int, *, start_ns: int):
    """A trace of one span with a text that takes 200 kB on disk."""
    noise = random.Random(number).randbytes(200_000).hex()
    return [span("large", trace=number, start_ns=start_ns, attributes={"input.value": noise})]


def test_the_earliest_traces_go_until_the_store_is_small_enough(store, land, prune):
    for number in range(1, 61):
        land(large(number, start_ns=NOON + number * SECOND))
    store.file.checkpoint()
    full = store.bytes_on_disk()
    limit = full // 2

    said = prune(Limits(max_bytes=limit), dry_run=True)
    done = prune(Limits(max_bytes=limit))

    # What a dry run says of a size is an estimate.
    assert 25 <= said.traces <= done.traces <= 45
    assert done.compacted
    assert done.note == ""
    assert done.store_bytes_before == full
    assert done.store_bytes_after == store.path.stat().st_size <= limit
    assert trace_ids(store) == {trace_hex(number) for number in range(done.traces + 1, 61)}
    assert prune(Limits(max_bytes=limit)).traces == 0


def test_a_file_made_anew_is_stored_as_before(store, land, prune, monkeypatch):
    monkeypatch.setattr(compaction, "BYTES_WORTH_IT", 0)
    for number in range(1, 20):
        land(large(number, start_ns=NOON + number * SECOND))
    before = rows(store, "select sql from duckdb_tables() order by 1")
    macros = "select function_name from duckdb_functions() where not internal order by 1"
    functions = rows(store, macros)

    assert prune(Limits(max_bytes=2_500_000)).compacted

    assert rows(store, "select sql from duckdb_tables() order by 1") == before
    assert rows(store, macros) == functions
    [(version,)] = rows(
        store, "select tags['storage_version'] from duckdb_databases() where database_name = 'store'"
    )
    assert version.startswith("v1.5")


def test_a_file_is_made_anew_only_where_much_space_is_free(store, land, prune):
    land(moa_trace(1))
    land(moa_trace(2, start_ns=NOW))

    assert not prune(keep_days(1)).compacted


@pytest.mark.parametrize(
    ("text", "seconds"), [("12h", 43_200), ("30d", 2_592_000), (" 8 W ", 4_838_400), ("1.5d", 129_600)]
)
def test_ages_are_read(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"), [("500MB", 500_000_000), ("5 gb", 5 * 10**9), ("1.5TB", 15 * 10**11)]
)
def test_sizes_are_read(text, size):
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["30", "d", "-3d", "0d", "30 days", "9999999999w", "nand"])
def test_what_is_no_age_is_refused_with_an_example(text):
    with pytest.raises(BadLimit, match="such as 30d"):
        Limits.of(text, "")


@pytest.mark.parametrize("text", ["5", "GB", "-1GB", "0GB", "5GiB", "9e99TB", "99999999999TB"])
def test_what_is_no_size_is_refused_with_an_example(text):
    with pytest.raises(BadLimit, match="such as 5GB"):
        Limits.of("", text)
