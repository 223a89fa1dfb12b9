"""What could not be delivered waits in files, and lands later."""

import gzip
import logging
import threading

import pytest

from collector.errors import StoreError
from collector.group_commit import GroupCommit
from collector.intake import Intake
from collector.landing import SpoolLanding
from collector.spool import Spool
from tests.collector.running import wait_until
from tests.otlp_traces import export_request, moa_trace, span


def body(spans) -> bytes:
    return gzip.compress(export_request(spans).SerializeToString())


@pytest.fixture
def spool(tmp_path) -> Spool:
    return Spool(tmp_path / "data")


@pytest.fixture
def landing(store, spool):
    """Starts landing on call; returns the landing, which the test need not close."""
    commits = GroupCommit(store)
    started = []

    def start() -> SpoolLanding:
        started.append(SpoolLanding(spool, Intake(commits)))
        return started[-1]

    yield start
    for each in started:
        each.close()
    commits.close()


def spans_in(store) -> int:
    return store.ask("store_counts", {}).to_pylist()[0]["spans"]


def test_a_batch_is_a_whole_file_under_its_final_name(spool):
    file = spool.put(body(moa_trace()))

    assert spool.waiting() == [file]
    assert gzip.decompress(file.read_bytes()) == export_request(moa_trace()).SerializeToString()
    assert [each.name for each in spool.folder.iterdir()] == [file.name]


def test_an_unfinished_file_is_not_seen(spool):
    spool.folder.mkdir(parents=True)
    (spool.folder / "1-half.tmp").write_bytes(b"half")

    assert spool.waiting() == []


def test_many_writers_at_once_lose_nothing(spool):
    writers = [
        threading.Thread(target=lambda: [spool.put(body(moa_trace())) for _ in range(5)]) for _ in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert len(spool.waiting()) == 40


def test_files_land_and_are_gone(store, spool, landing):
    for number in range(1, 4):
        spool.put(body(moa_trace(number)))

    started = landing()
    wait_until(lambda: spool.waiting() == [])

    assert (spans_in(store), started.landed) == (21, 3)


def test_files_that_come_later_land_too(store, spool, landing):
    landing()
    spool.put(body(moa_trace()))

    wait_until(lambda: spool.waiting() == [])
    assert spans_in(store) == 7


def test_a_file_that_landed_before_a_crash_lands_again_without_a_trace(store, spool, landing, land):
    land(moa_trace())
    spool.put(body(moa_trace()))

    landing()
    wait_until(lambda: spool.waiting() == [])

    assert spans_in(store) == 7


@pytest.mark.parametrize("damaged", [b"", b"not gzip", gzip.compress(b"not otlp"), body(moa_trace())[:-20]])
def test_a_file_nobody_can_read_is_set_aside_and_the_others_land(store, spool, landing, caplog, damaged):
    unreadable = spool.put(damaged)
    spool.put(body(moa_trace()))

    with caplog.at_level(logging.ERROR):
        landing()
        wait_until(lambda: spool.waiting() == [])

    assert [each.read_bytes() for each in spool.rejected.iterdir()] == [damaged]
    assert unreadable.name in caplog.text
    assert spans_in(store) == 7


def test_a_file_with_a_bad_span_lands_its_good_ones_and_is_kept(store, spool, landing):
    bad = span("bad", trace=9)
    bad.span_id = b""
    spool.put(body([*moa_trace(), bad]))

    landing()
    wait_until(lambda: spool.waiting() == [])

    assert spans_in(store) == 7
    assert len(list(spool.rejected.iterdir())) == 1


def test_files_wait_while_the_store_cannot_be_written(spool):
    class FullDisk:
        def land(self, batch):
            raise StoreError("no space left")

    commits = GroupCommit(FullDisk())
    file = spool.put(body(moa_trace()))
    landing = SpoolLanding(spool, Intake(commits))
    wait_until(lambda: commits.tally.received == 7)
    landing.close()
    commits.close()

    assert spool.waiting() == [file]
