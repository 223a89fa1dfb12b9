"""Gives free space back to the file system.

DuckDB keeps the space of deleted rows for new ones; its files never shrink. So what is left is copied into
a new file, which then takes the old one's place. Ingest and questions go on during the copy. What lands
meanwhile is copied in rounds that get shorter; only the last of them, and the exchange, make anybody wait.

At every moment one whole file has the store's name, and the log beside it belongs to it.
"""

import logging
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import duckdb

from collector.errors import StoreBusy, StoreError
from collector.spool.folder_sync import sync_folder
from collector.store.duckdb.copying import Copy
from collector.store.duckdb.open_file import OpenFile
from collector.store.duckdb.opening import copy_of, remove_copy, size_of, wal_of

log = logging.getLogger(__name__)

SHARE_WORTH_IT = 0.2
BYTES_WORTH_IT = 4_000_000
SPARE_BYTES = 64_000_000
"""What must stay free on the disk besides the copy, for the log and everybody else."""
PATIENCE_SECONDS = 3.0
"""How long new questions wait for old ones to end before the exchange is put off."""
ATTEMPTS = 10
SECONDS_BETWEEN_ATTEMPTS = 3.0


@dataclass(frozen=True, slots=True)
class Outcome:
    done: bool
    note: str
    """Why not, where it would have been worth it; else empty."""

    def then(self, later: "Outcome") -> "Outcome":
        return Outcome(self.done or later.done, later.note)


def compact_if_worth_it(file: OpenFile, max_bytes: int | None, *, gone_bytes: int, stop: Event) -> Outcome:
    """`gone_bytes`: what was deleted just now, by estimate; blocks are free only once all in them is."""
    file.checkpoint()
    blocks = file.blocks()
    gain = max(gone_bytes, blocks.free_bytes)
    much = gain >= max(BYTES_WORTH_IT, SHARE_WORTH_IT * (blocks.free_bytes + blocks.used_bytes))
    too_large = max_bytes is not None and file.bytes_on_disk() > max_bytes
    if not much and not (too_large and gain):
        return Outcome(done=False, note="")
    free = shutil.disk_usage(file.path.parent).free
    needed = blocks.used_bytes + SPARE_BYTES
    if free < needed:
        return Outcome(
            done=False,
            note=f"rewriting the file takes {needed:,} bytes of disk for a while, and {free:,} are free",
        )
    try:
        _compact(file, stop)
    except (StoreError, duckdb.Error, OSError) as error:
        log.warning("%s could not be compacted and stays as it is: %s", file.path, error)
        return Outcome(done=False, note=f"rewriting the file failed, and it stays as it is: {error}")
    return Outcome(done=True, note="")


def _compact(file: OpenFile, stop: Event) -> None:
    remove_copy(file.path)
    copy = Copy(file)
    try:
        copy.everything(stop)
        _exchange(file, copy)
    finally:
        copy.abandon()
        remove_copy(file.path)


def _exchange(file: OpenFile, copy: Copy) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        copy.catch_up()
        try:
            with file.alone(PATIENCE_SECONDS):
                copy.finish()
                file.reopen(lambda: _put_in_place(file.path))
            return
        except StoreBusy:
            # A long question holds the file. Nobody else shall wait for it.
            if attempt == ATTEMPTS:
                raise
            time.sleep(SECONDS_BETWEEN_ATTEMPTS)


def _put_in_place(path: Path) -> None:
    """The only moment that counts: before it the old file is the store, after it the new one."""
    new = copy_of(path)
    for log_file in (wal_of(path), wal_of(new)):
        # What a log holds is not in its file yet. A file whose log is lost, or another's, is damaged.
        if size_of(log_file):
            raise StoreError(f"{log_file} was not emptied")
    shutil.copymode(path, new)
    os.replace(new, path)
    sync_folder(path.parent)
