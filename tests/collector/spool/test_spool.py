"""What could not be delivered waits in files, and lands later."""

import gzip
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from collector.errors import StoreError
from collector.group_commit import GroupCommit
from collector.intake import Intake
from collector.spool.folder import Spool, SpoolFull
from collector.spool.landing import SpoolLanding
from collector.spool.torn_files import read_request
from tests.collector.running import CollectorProcess, child, wait_until
from tests.otlp_traces import export_request, moa_trace, span


def body(spans) -> bytes:
    return gzip.compress(export_request(spans).SerializeToString())


def flipped() -> bytes:
    """A whole file with one wrong bit, which its checksum gives away."""
    whole = bytearray(body(moa_trace()))
    whole[-6] ^= 1
    return bytes(whole)


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

    assert (spans_in(store), started.tally.spool_landed) == (21, 3)


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


@pytest.mark.parametrize(
    "damaged",
    [b"", b"not gzip", gzip.compress(b"not otlp"), flipped(), body([])[:-9]],
    ids=["empty", "not gzip", "not otlp", "flipped", "cut short"],
)
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


def leave(spool: Spool, content: bytes, name: str = "1-left.tmp", *, age_s: float = 3600) -> Path:
    """A file as a killed program leaves it."""
    spool.folder.mkdir(parents=True, exist_ok=True)
    file = spool.folder / name
    file.write_bytes(content)
    changed = time.time() - age_s
    os.utime(file, (changed, changed))
    return file


def uncompressed(content: bytes) -> bytes:
    """Gzip whose cut can be chosen to the byte: what is cut off it is cut off the content."""
    return gzip.compress(content, 0)


def test_a_whole_file_that_lost_its_last_step_lands(store, spool, landing):
    leave(spool, body(moa_trace()))

    started = landing()
    wait_until(lambda: spool.left_over() == [])

    assert spans_in(store) == 7
    assert (started.tally.spool_landed, started.tally.spool_repaired) == (1, 1)
    assert list(spool.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["1-left.tmp", "1-power-cut.otlp.gz"])
@pytest.mark.parametrize("zeros", [0, 4096])
def test_of_a_torn_file_every_whole_span_lands(store, spool, landing, caplog, name, zeros):
    # Seven spans, of which the cut goes through the last one's last bytes.
    torn = uncompressed(export_request(moa_trace()).SerializeToString())[:-20]
    leave(spool, torn + bytes(zeros), name)

    started = landing()
    wait_until(lambda: list(spool.folder.iterdir()) == [])

    assert spans_in(store) == 6
    assert (started.tally.spool_repaired, started.tally.spool_set_aside) == (1, 0)
    assert "its 6 whole spans are stored, what came after is lost" in caplog.text


def test_a_file_may_be_cut_anywhere():
    request = export_request([*moa_trace(1), *moa_trace(2)])
    request.resource_spans.extend(export_request(moa_trace(3)).resource_spans)
    whole = request.SerializeToString()
    [first, second] = request.resource_spans
    most = 0
    for cut in [*range(0, len(whole), 13), len(whole) - 1]:
        found, torn = read_request(uncompressed(whole)[: 15 + cut])
        spans = [
            span
            for resource in found.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        assert torn
        assert spans == [*first.scope_spans[0].spans, *second.scope_spans[0].spans][: len(spans)]
        assert len(spans) >= most
        most = len(spans)
    assert most == 20  # of 21: the last byte of all is the last span's


@pytest.mark.parametrize("torn", [b"", body(moa_trace())[:30]], ids=["empty", "30 bytes"])
def test_a_torn_file_without_a_whole_span_is_set_aside(store, spool, landing, torn):
    leave(spool, torn)

    started = landing()
    wait_until(lambda: spool.left_over() == [])

    assert [each.read_bytes() for each in spool.rejected.iterdir()] == [torn]
    assert started.tally.spool_set_aside == 1


HOLDER = """
import sys
from pathlib import Path
from collector.spool.file_lock import lock
with Path(sys.argv[1]).open("r+b") as file:
    print(lock(file), flush=True)
    sys.stdin.read()
"""


def test_a_file_is_left_alone_while_its_writer_lives_and_lands_when_that_is_killed(store, spool, landing):
    young = leave(spool, body(moa_trace(1)), "1-young.tmp", age_s=0)
    held = leave(spool, body(moa_trace(2)), "2-slow.tmp")
    spool.put(body(moa_trace(3)))
    command = [sys.executable, "-c", HOLDER, held]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"True\n"
        started = landing()
        wait_until(lambda: spool.waiting() == [])
        assert sorted(spool.folder.iterdir()) == [young, held]
        assert spans_in(store) == 7
        writer.kill()
    wait_until(lambda: not held.exists())

    assert spans_in(store) == 14
    assert started.tally.spool_repaired == 1
    assert young.exists()


def test_a_file_that_cannot_be_opened_holds_up_no_other(store, spool, landing, caplog):
    (spool.folder / "0-a-folder.otlp.gz").mkdir(parents=True)
    spool.put(body(moa_trace()))

    landing()
    wait_until(lambda: spans_in(store) == 7)

    assert "0-a-folder.otlp.gz waits, something is wrong with it: IsADirectoryError" in caplog.text


def test_a_disk_without_room_leaves_no_half_of_a_file(spool):
    """A limit on the size of files stands in for the disk: writing beyond it fails as on a full one."""
    program = """
import resource, signal, sys
from pathlib import Path
from collector.spool.folder import Spool
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    Spool(Path(sys.argv[1])).put(bytes(5000))
except OSError as error:
    print(error.strerror)
"""
    said = subprocess.run(
        [sys.executable, "-c", program, spool.folder.parent], check=True, capture_output=True, text=True
    )

    assert said.stdout.strip() == "File too large"
    assert list(spool.folder.iterdir()) == []


def test_a_spool_that_is_full_says_so_and_takes_more_when_it_was_fetched(spool, monkeypatch):
    monkeypatch.setattr("collector.spool.folder.MOST_BYTES", 1000)
    first = spool.put(bytes(600))
    with pytest.raises(SpoolFull, match="no collector has fetched"):
        spool.put(bytes(600))
    first.unlink()

    assert spool.put(bytes(600)).exists()


WRITER = """
import gzip, sys
from pathlib import Path
from collector.spool.folder import Spool
from tests.otlp_traces import export_request, moa_trace
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 40):
    Spool(Path(sys.argv[1])).put(gzip.compress(export_request(moa_trace(number)).SerializeToString()))
"""


def test_programs_may_spool_and_collectors_land_at_once(tmp_path, spool):
    """Two programs write and two collectors, each with a store of its own, fetch: every file lands in one."""
    folders = [spool.folder.parent, tmp_path / "other"]
    spool.folder.mkdir(parents=True)
    folders[1].mkdir()
    (folders[1] / "spool").symlink_to(spool.folder)
    with CollectorProcess(folders[0]) as one, CollectorProcess(folders[1]) as other:
        write = [sys.executable, "-c", WRITER, folders[0]]
        with child([*write, "1"]) as program, child([*write, "41"]) as beside:
            assert (program.wait(timeout=60), beside.wait(timeout=60)) == (0, 0)
        wait_until(lambda: list(spool.folder.iterdir()) == [])
        with one.client() as first, other.client() as second:
            healths = [first.health(), second.health()]

    assert sum(health.spool_landed for health in healths) == 80
    assert [health.spans for health in healths] == [7 * health.spool_landed for health in healths]
    assert [health.spans_duplicate for health in healths] == [0, 0]
