"""Files that are damaged, foreign, or cannot be written: refused in a sentence, and left as they are."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from collector.errors import StoreError, StoreTooNew, StoreUnreadable
from collector.spans import otlp
from collector.store.duckdb.store import DuckdbStore
from tests.collector.running import CollectorProcess
from tests.otlp_traces import NOON, SECOND, export_request, moa_trace, span, span_hex, trace_hex

LANDING = """
import os, sys
from pathlib import Path
from collector.spans import otlp
from collector.store.duckdb.store import DuckdbStore
from tests.otlp_traces import export_request, moa_trace
store = DuckdbStore.open(Path(sys.argv[1]))
for number in range(1, 11):
    store.land(otlp.batch_of(export_request(moa_trace(number))))
os.kill(os.getpid(), 9)
"""


def killed_store(folder: Path) -> Path:
    """A file with its log beside it, as a kill leaves it: ten traces."""
    subprocess.run([sys.executable, "-c", LANDING, str(folder)], cwd=Path(__file__).parents[3], check=False)
    path = folder / "traces.duckdb"
    assert wal(path).stat().st_size > 0
    return path


def wal(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def spans_in(folder: Path) -> int:
    store = DuckdbStore.open(folder)
    with store.file.reading() as cursor:
        [(spans,)] = cursor.execute("select count(*) from spans").fetchall()
    store.close()
    return spans


def whole_store(folder: Path) -> Path:
    """A closed file of some blocks: sixty spans with texts that do not compress."""
    chance = random.Random(3)
    texts = [chance.randbytes(20_000).hex() for _ in range(60)]
    spans = [
        span("large", trace=number, start_ns=NOON + number * SECOND, attributes={"input.value": text})
        for number, text in enumerate(texts, 1)
    ]
    store = DuckdbStore.open(folder)
    store.land(otlp.batch_of(export_request(spans)))
    store.close()
    return store.path


def test_what_a_kill_left_in_the_log_is_there_again(tmp_path):
    killed_store(tmp_path)

    assert spans_in(tmp_path) == 70


def test_a_log_cut_short_gives_back_what_is_whole_of_it(tmp_path):
    path = killed_store(tmp_path)
    log = wal(path).read_bytes()
    wal(path).write_bytes(log[: len(log) * 2 // 3])

    assert 0 < spans_in(tmp_path) < 70


def test_a_log_with_flipped_bytes_is_refused_and_kept(tmp_path):
    path = killed_store(tmp_path)
    log = bytearray(wal(path).read_bytes())
    middle = len(log) // 2
    log[middle : middle + 64] = bytes(byte ^ 0xFF for byte in log[middle : middle + 64])
    wal(path).write_bytes(log)
    before = path.read_bytes()

    with pytest.raises(StoreUnreadable, match="It was left as it is"):
        DuckdbStore.open(tmp_path)
    assert wal(path).read_bytes() == log
    assert path.read_bytes() == before


def test_the_log_of_another_file_is_refused_and_kept(tmp_path):
    other = killed_store(tmp_path / "other")
    path = whole_store(tmp_path / "store")
    shutil.copy(wal(other), wal(path))
    before, log = path.read_bytes(), wal(path).read_bytes()

    with pytest.raises(StoreUnreadable, match="It was left as it is"):
        DuckdbStore.open(path.parent)
    assert (path.read_bytes(), wal(path).read_bytes()) == (before, log)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9])
def test_a_file_cut_short_is_refused_and_kept(tmp_path, share):
    path = whole_store(tmp_path)
    cut = path.read_bytes()[: int(path.stat().st_size * share)]
    path.write_bytes(cut)

    with pytest.raises(StoreUnreadable, match="It was left as it is"):
        DuckdbStore.open(tmp_path)
    assert path.read_bytes() == cut


def test_a_damaged_header_is_refused_and_kept(tmp_path):
    path = whole_store(tmp_path)
    damaged = bytearray(path.read_bytes())
    for place in range(100, 12_000, 7):
        damaged[place] ^= 0x5A
    path.write_bytes(damaged)

    with pytest.raises(StoreUnreadable, match="It was left as it is"):
        DuckdbStore.open(tmp_path)
    assert path.read_bytes() == damaged


def test_the_collector_says_of_a_damaged_file_what_to_do_and_ends(tmp_path):
    path = whole_store(tmp_path)
    cut = path.read_bytes()[:300_000]
    path.write_bytes(cut)

    code, errors = CollectorProcess(tmp_path).close_input()

    assert code == 2
    assert errors.startswith(f"{path} cannot be opened as a trace store: ")
    assert "restore it from a copy, or give another folder with --data." in errors
    assert "Traceback" not in errors
    assert path.read_bytes() == cut


def test_a_refused_file_with_a_log_is_kept_with_it(tmp_path):
    path = killed_store(tmp_path)
    with duckdb.connect() as connection:
        connection.execute("pragma disable_checkpoint_on_shutdown")
        connection.execute(f"attach '{path}' as store")
        connection.execute("update store.meta set value = '999'")
    before, log = path.read_bytes(), wal(path).read_bytes()
    assert log

    with pytest.raises(StoreTooNew):
        DuckdbStore.open(tmp_path)
    assert (path.read_bytes(), wal(path).read_bytes()) == (before, log)


def test_damage_found_at_run_time_is_said_and_what_was_acknowledged_before_is_kept(tmp_path):
    path = whole_store(tmp_path)
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 2000] = bytes(byte ^ 0xFF for byte in damaged[middle : middle + 2000])
    path.write_bytes(damaged)
    store = DuckdbStore.open(tmp_path)

    with pytest.raises(StoreError, match="The file is damaged.*--data"):
        store.ask(
            "span_detail",
            {"trace_id": trace_hex(30), "span_id": span_hex(1), "first_ns": 0, "last_ns": 2**63 - 1},
        )
    # Spans land and other questions are answered for as long as nobody needs the damaged block.
    assert store.land(otlp.batch_of(export_request(moa_trace(100)))).num_rows == 7
    assert store.ask("trace_summary", {"trace_id": trace_hex(100)}).num_rows == 1
    # A checkpoint does: it rewrites the last rows.
    with pytest.raises(duckdb.Error):
        store.file.checkpoint()
    with pytest.raises(StoreError, match="The file is damaged.*--data"):
        store.land(otlp.batch_of(export_request(moa_trace(101))))
    store.close()

    again = DuckdbStore.open(tmp_path)
    assert again.ask("trace_summary", {"trace_id": trace_hex(100)}).num_rows == 1
    again.close()


needs_tmpfs = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="a small disk is made by root on Linux"
)


@pytest.fixture
def small_disk(tmp_path):
    """Twelve megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], check=False, capture_output=True
    ).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@needs_tmpfs
def test_a_full_disk_refuses_spans_and_keeps_all_it_acknowledged(small_disk):
    noise = random.Random(4)
    store = DuckdbStore.open(small_disk)
    acknowledged = 0

    def land_for_long():
        nonlocal acknowledged
        for number in range(1, 40):
            text = noise.randbytes(500_000).hex()
            large = span("large", trace=number, start_ns=NOON + number, attributes={"input.value": text})
            store.land(otlp.batch_of(export_request([large])))
            acknowledged = number

    with pytest.raises(StoreError, match="cannot be written"):
        land_for_long()
    assert acknowledged > 3
    store.close()

    # Somebody makes room.
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert spans_in(small_disk) == acknowledged


@needs_tmpfs
def test_a_folder_that_cannot_be_written_is_said(small_disk):
    path = whole_store(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = path.read_bytes()

    with pytest.raises(StoreUnreadable, match="It was left as it is"):
        DuckdbStore.open(small_disk)
    with pytest.raises(StoreUnreadable, match="Read-only file system"):
        DuckdbStore.open(small_disk / "new")
    assert path.read_bytes() == before
