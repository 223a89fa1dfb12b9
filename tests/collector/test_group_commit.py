"""Many requests, one transaction."""

import threading
from concurrent.futures import wait

import pyarrow as pa
import pytest

from collector import group_commit
from collector.errors import QueueFull, StoreBusy, StoreError
from collector.group_commit import GroupCommit
from collector.spans import otlp
from collector.spans.batch import Batch
from collector.spans.columns import SpanRow, span_table
from tests.otlp_traces import export_request, moa_trace, span


def batch(number: int) -> Batch:
    return otlp.batch_of(export_request(moa_trace(number)))


class SlowStore:
    """Remembers its transactions; waits in each until it is let go, and refuses what a test says."""

    def __init__(self, refused: str = "") -> None:
        self.transactions: list[list[SpanRow]] = []
        self.gate = threading.Semaphore(0)
        self.entered = threading.Semaphore(0)
        self._refused = refused

    def land(self, batch: Batch) -> pa.Table:
        rows = batch.rows
        self.entered.release()
        assert self.gate.acquire(timeout=60)
        self.transactions.append(list(rows))
        if any(row.trace_id.endswith(self._refused) for row in rows) and self._refused:
            raise StoreError("not this one")
        return span_table(rows)


@pytest.fixture
def open_commits():
    opened = []

    def commits_of(store) -> GroupCommit:
        opened.append((GroupCommit(store), store))
        return opened[-1][0]

    yield commits_of
    for commits, store in opened:
        if isinstance(store, SlowStore):
            store.gate.release(100)
        commits.close()


def test_a_request_is_done_once_its_spans_are_stored(store, open_commits):
    open_commits(store).submit(batch(1)).result(timeout=60)

    assert store.ask("store_counts", {})["spans"].to_pylist() == [7]


def test_requests_that_come_during_a_commit_share_the_next_one(open_commits):
    store = SlowStore()
    commits = open_commits(store)
    first = commits.submit(batch(1))
    store.entered.acquire()
    others = [commits.submit(batch(number)) for number in range(2, 10)]
    store.gate.release(2)

    wait([first, *others], timeout=60)
    assert [len(rows) for rows in store.transactions] == [7, 8 * 7]


def test_nothing_is_done_before_its_commit(open_commits):
    store = SlowStore()
    done = open_commits(store).submit(batch(1))
    store.entered.acquire()

    assert not done.done()
    store.gate.release()
    done.result(timeout=60)


def test_a_full_queue_refuses_and_takes_again_later(open_commits, monkeypatch):
    monkeypatch.setattr(group_commit, "MOST_SPANS_WAITING", 14)
    store = SlowStore()
    commits = open_commits(store)
    taken = [commits.submit(batch(1)), commits.submit(batch(2))]
    with pytest.raises(QueueFull):
        commits.submit(batch(3))

    store.gate.release(10)
    wait(taken, timeout=60)
    store.entered.acquire()
    while True:
        try:
            commits.submit(batch(3)).result(timeout=60)
            break
        except QueueFull:
            continue
    assert commits.tally.stored == 21


def test_a_few_large_spans_fill_the_queue_as_many_small_ones_do(open_commits, monkeypatch):
    def large(number: int) -> Batch:
        return otlp.batch_of(export_request([span("large", trace=number, attributes={"text": "x" * 10**6})]))

    monkeypatch.setattr(group_commit, "MOST_BYTES_WAITING", 3 * 10**6)
    store = SlowStore()
    commits = open_commits(store)
    taken = [commits.submit(large(1)), commits.submit(large(2))]
    with pytest.raises(QueueFull):
        commits.submit(large(3))
    # There is room for small ones still.
    taken.append(commits.submit(batch(4)))

    store.gate.release(10)
    wait(taken, timeout=60)


def test_a_request_larger_than_the_limit_is_taken_when_nothing_waits(open_commits, monkeypatch):
    monkeypatch.setattr(group_commit, "MOST_BYTES_WAITING", 10)
    store = SlowStore()
    store.gate.release(10)

    open_commits(store).submit(batch(1)).result(timeout=60)


def test_large_requests_do_not_share_a_commit(open_commits, monkeypatch):
    monkeypatch.setattr(group_commit, "MOST_BYTES_A_COMMIT", batch(1).wire_bytes)
    store = SlowStore()
    commits = open_commits(store)
    done = [commits.submit(batch(number)) for number in range(1, 5)]
    store.gate.release(10)

    wait(done, timeout=60)
    assert [len(rows) for rows in store.transactions] == [7, 7, 7, 7]


def test_a_store_that_is_busy_fails_all_that_wait_for_it_at_once(open_commits):
    class Busy(SlowStore):
        def land(self, batch: Batch) -> pa.Table:
            super().land(batch)
            raise StoreBusy

    store = Busy()
    commits = open_commits(store)
    first = commits.submit(batch(1))
    store.entered.acquire()
    others = [commits.submit(batch(2)), commits.submit(batch(3))]
    store.gate.release(10)

    for done in (first, *others):
        with pytest.raises(StoreBusy):
            done.result(timeout=60)
    assert [len(rows) for rows in store.transactions] == [7, 14]


def test_one_request_that_cannot_be_stored_does_not_fail_its_neighbours(open_commits):
    store = SlowStore(refused="3")
    commits = open_commits(store)
    first = commits.submit(batch(1))
    store.entered.acquire()
    good, bad = commits.submit(batch(2)), commits.submit(batch(3))
    store.gate.release(10)

    first.result(timeout=60)
    good.result(timeout=60)
    with pytest.raises(StoreError, match="not this one"):
        bad.result(timeout=60)


def test_closing_stores_what_waits(open_commits):
    store = SlowStore()
    commits = open_commits(store)
    waiting = [commits.submit(batch(number)) for number in range(1, 4)]
    store.gate.release(10)

    commits.close()

    assert all(done.done() for done in waiting)
    assert commits.tally.stored == 21


def test_whoever_is_told_of_commits_hears_what_was_new_and_cannot_end_the_writing(store):
    told = []

    def fails(rows):
        raise RuntimeError("only watching")

    commits = GroupCommit(store, [fails, told.append])
    for number in (1, 1, 2):
        commits.submit(batch(number)).result(timeout=60)
    commits.close()

    assert [rows.num_rows for rows in told] == [7, 0, 7]
