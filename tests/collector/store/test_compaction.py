"""A file is made anew while spans land and questions are asked, and a kill at any moment loses nothing."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from collector.errors import StoreBusy, StoreError
from collector.parameters import Nothing
from collector.queries import store_counts
from collector.spans.otlp import batch_of
from collector.store.duckdb import compaction
from collector.store.duckdb.compaction import Outcome
from collector.store.duckdb.copying import Copy
from collector.store.duckdb.gate import Gate
from collector.store.duckdb.opening import BLOCK_BYTES, attach, copy_of, remove_copy
from collector.store.duckdb.store import DuckdbStore
from collector.store.duckdb.tables import tables
from composite_llm import conventions as c
from tests.collector.running import child
from tests.otlp_traces import NOON, SECOND, export_request, moa_trace, span

NEVER = threading.Event()


@pytest.fixture
def always(monkeypatch):
    """Any free space is worth it, and a file that is in use is given up on soon."""
    monkeypatch.setattr(compaction, "BYTES_WORTH_IT", 0)
    monkeypatch.setattr(compaction, "SHARE_WORTH_IT", 0)
    monkeypatch.setattr(compaction, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(compaction, "ATTEMPTS", 2)
    monkeypatch.setattr(compaction, "SECONDS_BETWEEN_ATTEMPTS", 0.01)


def compacted(store: DuckdbStore, stop: threading.Event = NEVER) -> Outcome:
    return compaction.compact_if_worth_it(store.file, None, gone_bytes=0, stop=stop)


def counts(store: DuckdbStore) -> tuple[int, int, int, int]:
    with store.file.reading() as cursor:
        [found] = cursor.execute(
            "select (select count(*) from spans), (select count(distinct (trace_id, span_id)) from spans), "
            "(select sum(spans) from trace_parts), (select count(distinct trace_id) from trace_parts)"
        ).fetchall()
    return found


def test_what_lands_during_the_copy_is_in_the_new_file(store, land):
    land(moa_trace(1))
    copy = Copy(store.file)
    copy.everything(NEVER)
    land(moa_trace(2), resource={"service.name": "new"}, scope="new")
    land(moa_trace(1))
    copy.catch_up()
    land([*moa_trace(2), *moa_trace(3)])
    land(moa_trace(4)[:3])
    land(moa_trace(4)[3:])
    before = store_counts(store, Nothing())
    old = store.path.stat().st_ino

    compaction._exchange(store.file, copy)
    copy.abandon()

    assert store.path.stat().st_ino != old
    assert counts(store) == (28, 28, 28, 4)
    assert store_counts(store, Nothing()) == before
    with store.file.reading() as cursor:
        assert cursor.execute("select count(*) from resources").fetchall() == [(2,)]
        assert cursor.execute("select count(*) from scopes").fetchall() == [(2,)]
    assert land(moa_trace(4)) == 0
    assert land(moa_trace(5)) == 7
    assert [file.name for file in store.path.parent.iterdir() if "compacting" in file.name] == []


def test_a_file_of_larger_blocks_is_used_as_it_is_until_its_copy_takes_its_place(tmp_path):
    with duckdb.connect(config={"default_block_size": "262144"}) as connection:
        attach(connection, tmp_path / "traces.duckdb", "made_before")
    store = DuckdbStore.open(tmp_path)
    assert store.land(batch_of(export_request(moa_trace(1)))).num_rows == 7
    assert block_bytes(store) == 262_144
    copy = Copy(store.file)
    copy.everything(NEVER)

    compaction._exchange(store.file, copy)
    copy.abandon()

    assert block_bytes(store) == BLOCK_BYTES
    assert counts(store) == (7, 7, 7, 1)
    assert store.land(batch_of(export_request([*moa_trace(1), *moa_trace(2)]))).num_rows == 7
    store.close()
    again = DuckdbStore.open(tmp_path)
    assert block_bytes(again) == BLOCK_BYTES
    assert counts(again) == (14, 14, 14, 2)
    again.close()


def block_bytes(store: DuckdbStore) -> int:
    with store.file.cursor() as cursor:
        [(size,)] = cursor.execute(
            "select block_size from pragma_database_size() where database_name = 'store'"
        ).fetchall()
    return size


def test_what_is_revised_during_the_copy_is_revised_in_the_new_file(store, land):
    usage = {c.INPUT_TOKENS: 70, c.OUTPUT_TOKENS: 7}
    land([span("agent", number=1, attributes={c.OPERATION: "invoke_agent"} | usage)])
    copy = Copy(store.file)
    copy.everything(NEVER)
    # The agent counted while nobody knew of its call.
    land([span("chat", number=2, parent=1, attributes={c.OPERATION: "chat"} | usage)])
    before = everything(store)

    compaction._exchange(store.file, copy)

    assert everything(store) == before
    with store.file.reading() as cursor:
        assert cursor.execute("select name from spans where is_llm_call").fetchall() == [("chat",)]


def everything(store: DuckdbStore) -> list[list[tuple]]:
    with store.file.reading() as cursor:
        return [cursor.execute(f"from {table.name} order by all").fetchall() for table in tables(cursor)]


def test_spans_land_and_questions_are_answered_while_files_are_exchanged(store, land, always, monkeypatch):
    monkeypatch.setattr(compaction, "PATIENCE_SECONDS", 60)  # for who is at work in the file just now
    done = threading.Event()
    landed = []
    wrong = []

    def keep_landing():
        while not done.is_set():
            number = len(landed) + 1
            land(moa_trace(number, start_ns=NOON + number * SECOND))
            landed.append(number)

    def keep_asking():
        while not done.is_set():
            acknowledged = len(landed)
            [found] = store_counts(store, Nothing()).to_pylist()
            if found["spans"] != 7 * found["traces"] or found["traces"] < acknowledged:
                wrong.append((found, acknowledged))

    threads = [threading.Thread(target=keep_landing), threading.Thread(target=keep_asking)]
    for thread in threads:
        thread.start()
    outcomes = []
    while len([outcome for outcome in outcomes if outcome.done]) < 3 and len(outcomes) < 30:
        outcomes.append(compacted(store))
    done.set()
    for thread in threads:
        thread.join()

    assert len([outcome for outcome in outcomes if outcome.done]) == 3
    assert wrong == []
    assert counts(store) == (7 * len(landed), 7 * len(landed), 7 * len(landed), len(landed))


def test_a_copy_that_lacks_something_never_takes_the_place_of_the_store(store, land):
    land(moa_trace(1))
    copy = Copy(store.file)
    copy.everything(NEVER)
    land(moa_trace(2))
    copy._taken()

    with pytest.raises(StoreError, match="the copy holds"):
        compaction._exchange(store.file, copy)
    copy.abandon()
    remove_copy(store.path)

    assert counts(store) == (14, 14, 14, 2)
    assert land(moa_trace(3)) == 7


def test_a_long_question_puts_the_exchange_off(store, land, always):
    land(moa_trace(1))
    with store.file.reading() as cursor:
        cursor.execute("select count(*) from spans").fetchall()
        outcome = compacted(store)

    assert not outcome.done
    assert "stays as it is" in outcome.note
    assert not copy_of(store.path).exists()
    assert land(moa_trace(2)) == 7
    assert compacted(store).done
    assert counts(store) == (14, 14, 14, 2)


def test_a_copy_that_is_stopped_leaves_nothing_behind(store, land, always):
    for number in range(1, 10):
        land(moa_trace(number))
    stop = threading.Event()
    stop.set()

    # A copy this small may end before it is interrupted; either way the store is whole.
    compacted(store, stop)

    assert not copy_of(store.path).exists()
    assert counts(store) == (63, 63, 63, 9)


def test_a_disk_without_room_for_the_copy_is_said(store, land, always, monkeypatch):
    monkeypatch.setattr(compaction, "SPARE_BYTES", 2**60)
    land(moa_trace(1))

    outcome = compacted(store)

    assert not outcome.done
    assert "bytes of disk for a while" in outcome.note


def test_a_log_that_is_not_empty_stops_the_exchange(store, land, always):
    land(moa_trace(1))
    store.close()
    new = copy_of(store.path)
    new.write_bytes(b"the new file")
    new.with_name(f"{new.name}.wal").write_bytes(b"not in it yet")

    with pytest.raises(StoreError, match="was not emptied"):
        compaction._put_in_place(store.path)
    reopened = DuckdbStore.open(store.path.parent)
    assert counts(reopened) == (7, 7, 7, 1)
    # What a crash left of the copy is gone.
    assert not new.exists()
    reopened.close()


def test_who_comes_while_the_file_is_exchanged_waits_or_is_told_to_come_again():
    gate = Gate()
    with gate.alone(1), pytest.raises(StoreBusy), gate.shared(0.01):
        pass
    with gate.shared(1), pytest.raises(StoreBusy), gate.alone(0.01):
        pass

    came = threading.Event()

    def come():
        with gate.shared(60):
            came.set()

    with gate.alone(1):
        waiting = threading.Thread(target=come)
        waiting.start()
        assert not came.wait(0.01)
    waiting.join()
    assert came.is_set()


COMPACTING = """
import sys, threading, time
from pathlib import Path
from collector.spans import otlp
from collector.retention.limits import Limits
from collector.store.duckdb import compaction
from collector.store.duckdb.store import DuckdbStore
from tests.collector.running import child
from tests.otlp_traces import NOON, SECOND, export_request, moa_trace

compaction.BYTES_WORTH_IT = compaction.SHARE_WORTH_IT = 0
store = DuckdbStore.open(Path(sys.argv[1]))
first = int(sys.argv[2])

def compact():
    while True:
        compaction.compact_if_worth_it(store.file, None, gone_bytes=0, stop=threading.Event())

threading.Thread(target=compact, daemon=True).start()
for number in range(first, first + 100_000):
    store.land(otlp.batch_of(export_request(moa_trace(number, start_ns=NOON + number * SECOND))))
    print(number, flush=True)
"""


def test_a_kill_at_any_moment_of_the_exchange_loses_nothing(tmp_path):
    chance = random.Random(5)
    landed = 0
    for _ in range(3):
        command = [sys.executable, "-c", COMPACTING, str(tmp_path), str(landed + 1)]
        with child(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as process:
            for _ in range(chance.randint(3, 12)):
                landed = int(process.stdout.readline())
            time.sleep(chance.random() * 0.3)
            os.kill(process.pid, signal.SIGKILL)
            rest, _ = process.communicate()
        said = [int(line) for line in rest.split()]
        landed = said[-1] if said else landed
        store = DuckdbStore.open(tmp_path)
        spans, distinct, in_parts, traces = counts(store)
        store.close()
        assert spans == distinct == in_parts == 7 * traces
        # One more may have been committed without having been said.
        assert landed <= traces <= landed + 1
        landed = traces


def test_a_file_that_could_not_be_opened_again_is_tried_anew_by_every_request(store, land):
    land([span("a")])
    aside = store.path.with_suffix(".aside")

    def put_something_else_in_place():
        store.path.rename(aside)
        store.path.write_text("no database " * 1000)

    with store.file.alone(1), pytest.raises(StoreError):
        store.file.reopen(put_something_else_in_place)
    with pytest.raises(StoreError, match="could not be opened again after it was exchanged"):
        store.ask("store_counts", {})

    aside.replace(store.path)
    assert store.ask("store_counts", {}).to_pylist()[0]["spans"] == 1
    assert land([span("b", number=2)]) == 1
