"""Batches that could not be delivered, as files in a folder.

One gzip file a batch, holding an OTLP ExportTraceServiceRequest. A file gets its final name only once it is
whole and on disk; names are unique across programs, so any number of them may write at once. Whoever writes or
lands a file holds a lock on it meanwhile. So a file without its final name is known to be left over when nobody
has touched it for a minute and nobody holds it: a process number in its name would say less, since programs in
other containers, or on other machines, may share the folder.
"""

import os
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from collector.spool.file_lock import lock
from collector.spool.folder_sync import sync_folder

SUFFIX = ".otlp.gz"
UNFINISHED = ".tmp"
SECONDS_UNTIL_LEFT_OVER = 60.0
MOST_BYTES = 4 * 1024**3
"""A program that runs without a collector for weeks must not fill the disk."""
PUTS_BETWEEN_MEASURES = 256


@dataclass(frozen=True, slots=True)
class SpoolContents:
    """What lies in the folder at a moment."""

    waiting_files: int
    waiting_bytes: int
    oldest_seconds: float | None
    """Since the oldest of them was finished; None where none waits."""
    unfinished_files: int
    """Being written, or torn: left by a program that was killed."""
    aside_files: int
    """Kept in `rejected`, for what of them could not be stored."""
    aside_bytes: int


class SpoolFull(OSError):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} holds {MOST_BYTES // 1024**3} GiB of spans no collector has fetched; "
            "start one with: composite-llm collect"
        )


class Spool:
    def __init__(self, data: Path) -> None:
        self.folder = data / "spool"
        self.rejected = self.folder / "rejected"
        self._puts = 0
        self._bytes = 0

    def put(self, body: bytes) -> Path:
        """Keep a compressed request, durably. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._make_sure_of_room(len(body))
        return _written(self.folder / f"{time.time_ns()}-{uuid.uuid4().hex}{SUFFIX}", body)

    def waiting(self) -> list[Path]:
        """The oldest first."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def contents(self) -> SpoolContents:
        now, waiting, aside = time.time(), self.waiting(), [*self.rejected.glob(f"*{SUFFIX}")]
        return SpoolContents(
            waiting_files=len(waiting),
            waiting_bytes=sum(map(_size, waiting)),
            oldest_seconds=max((now - _changed_at(file, now) for file in waiting), default=None),
            unfinished_files=sum(1 for _ in self.folder.glob(f"*{UNFINISHED}")),
            aside_files=len(aside),
            aside_bytes=sum(map(_size, aside)),
        )

    def left_over(self) -> list[Path]:
        """Files whose writers seem to be gone; only `claimed` tells for sure."""
        now = time.time()
        return sorted(
            file
            for file in self.folder.glob(f"*{UNFINISHED}")
            # A clock may have been set back since.
            if abs(now - _changed_at(file, now)) > SECONDS_UNTIL_LEFT_OVER
        )

    @contextmanager
    def claimed(self, file: Path) -> Generator[bytes | None]:
        """What the file holds, for this process alone while the block runs; None if it is another's, or gone."""
        try:
            opened = file.open("rb")
        except FileNotFoundError:
            yield None
            return
        with opened:
            if not lock(opened) or not file.exists():
                yield None
                return
            body = opened.read()
            if os.name == "nt":  # where an open file can be neither renamed nor removed
                opened.close()
            yield body

    def set_aside(self, file: Path) -> Path:
        """Out of the way of the others, for somebody to look at."""
        self.rejected.mkdir(parents=True, exist_ok=True)
        return file.rename(self._place_aside(file))

    def set_aside_as(self, file: Path, body: bytes) -> Path:
        """The same, with `body` in place of what the file holds."""
        self.rejected.mkdir(parents=True, exist_ok=True)
        aside = _written(self._place_aside(file), body)
        file.unlink(missing_ok=True)
        return aside

    def _place_aside(self, file: Path) -> Path:
        return self.rejected / f"{file.name.removesuffix(UNFINISHED).removesuffix(SUFFIX)}{SUFFIX}"

    def _make_sure_of_room(self, more: int) -> None:
        if self._puts % PUTS_BETWEEN_MEASURES == 0 or self._bytes + more > MOST_BYTES:
            self._bytes = sum(_size(file) for file in self.folder.iterdir())
        if self._bytes + more > MOST_BYTES:
            raise SpoolFull(self.folder)
        self._puts += 1
        self._bytes += more


def _written(finished: Path, body: bytes) -> Path:
    unfinished = finished.with_name(finished.name.removesuffix(SUFFIX) + UNFINISHED)
    try:
        with unfinished.open("wb") as file:
            lock(file)
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(finished)
    except OSError:  # a full disk would keep the half of it that was written
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(finished.parent)
    return finished


def _changed_at(file: Path, otherwise: float) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # finished, or landed by another collector, since it was listed
        return otherwise


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
