"""What is kept on disk: one SQLite file, which several processes may use at once.

Texts only, so that whoever can write to the folder can change answers but not run code, as with
caches that pickle. The file is readable by its owner alone, since it holds answers.
"""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

log = logging.getLogger(__name__)

MOST_CHARACTERS = 1024 * 1024 * 1024
FILE = "answers.sqlite"
PATIENCE_S = 2.0
_TABLE = """
create table if not exists answers (
    key text primary key, text text not null, size integer not null, expires real not null, used real not null
) without rowid
"""
_TRIM = """
delete from answers where key in (
    select key from (select key, sum(size) over (order by used desc, key) as so_far from answers)
    where so_far > ?
)
"""


class Folder:
    """Texts by key. A file that cannot be used is as good as an empty one, and is said once in the log."""

    def __init__(
        self, path: Path, most_characters: int = MOST_CHARACTERS, clock: Callable[[], float] = time.time
    ) -> None:
        """Makes the folder when something is first kept. `clock` in seconds, the same for all processes."""
        self._path = path
        self._most = most_characters
        self._clock = clock
        self._lock = threading.Lock()
        self._complained = False

    def get(self, key: str) -> str | None:
        if not (self._path / FILE).exists():
            return None
        return self._with_file(lambda file: self._read(file, key))

    def put(self, key: str, text: str, ttl_s: float) -> None:
        if len(text) <= self._most:
            self._with_file(lambda file: self._write(file, key, text, ttl_s))

    def _read(self, file: sqlite3.Connection, key: str) -> str | None:
        now = self._clock()
        row = file.execute("select text from answers where key = ? and expires > ?", (key, now)).fetchone()
        if row is not None:
            file.execute("update answers set used = ? where key = ?", (now, key))
        return row[0] if row else None

    def _write(self, file: sqlite3.Connection, key: str, text: str, ttl_s: float) -> None:
        now = self._clock()
        file.execute("delete from answers where expires <= ?", (now,))
        entry = (key, text, len(text), now + ttl_s, now)
        file.execute("insert or replace into answers values (?, ?, ?, ?, ?)", entry)
        file.execute(_TRIM, (self._most,))

    def _with_file(self, work: Callable[[sqlite3.Connection], str | None]) -> str | None:
        try:
            with self._lock, closing(self._opened()) as file, file:
                return work(file)
        except (sqlite3.Error, OSError) as error:
            if not self._complained:
                self._complained = True
                log.warning("no answers are kept in %s: %s", self._path, error)
            return None

    def _opened(self) -> sqlite3.Connection:
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made before SQLite does, which would let everybody read it.
        os.close(os.open(self._path / FILE, os.O_CREAT | os.O_RDWR, 0o600))
        file = sqlite3.connect(self._path / FILE, timeout=PATIENCE_S)
        file.execute("pragma secure_delete = on")  # what has been forgotten is not left readable in the file
        file.execute(_TABLE)
        return file
