"""The modes as they are now, read off the path on which pages are drawn.

Reading takes a process and seconds, so a page is drawn at once with what was known before, and again when more is.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from composite_llm import settings
from composite_llm.planning.told import Catalogue
from dashboard.catalogue import read
from dashboard.plain import line

COMMAND = (sys.executable, "-m", "composite_llm.planning")
PATIENCE = 120
"""Seconds; a machine that is busy takes ten."""


@dataclass(frozen=True, slots=True)
class Known:
    catalogue: Catalogue | None
    """None before it was read for the first time."""
    is_reading: bool
    failure: str


class CatalogueReader:
    """Several pages may ask one; at most one process reads."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._reading: threading.Thread | None = None
        self._catalogue: Catalogue | None = None
        self._failure = ""

    def known(self) -> Known:
        """What is known now; reads again in the background where a file has changed since."""
        with self._lock:
            is_reading = self._reading is not None and self._reading.is_alive()
            if not is_reading and not self._failure and self._is_old():
                self._reading = threading.Thread(target=self._read, name="read modes", daemon=True)
                self._reading.start()
                is_reading = True
            return Known(self._catalogue, is_reading, self._failure)

    def again(self) -> None:
        """After a failure: try once more."""
        with self._lock:
            self._failure = ""

    def wait(self) -> None:
        if (reading := self._reading) is not None:
            reading.join()

    def _is_old(self) -> bool:
        known = self._catalogue
        return known is None or any(_stamp(path) != (at, size) for path, at, size in known.sources)

    def _read(self) -> None:
        try:
            done = subprocess.run(
                self._command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
            )
            if done.returncode:
                self._failure = _last_line(done.stderr) or f"it ended with code {done.returncode}"
            else:
                self._catalogue = read(done.stdout)
        except subprocess.TimeoutExpired:
            self._failure = f"it took longer than {PATIENCE} s"
        except (OSError, ValueError) as problem:
            self._failure = line(str(problem), 300)


def known() -> Known:
    return _reader(_asked_for()).known()


def again() -> None:
    _reader(_asked_for()).again()


def wait() -> None:
    """Until nothing is being read."""
    _reader(_asked_for()).wait()


def _asked_for() -> tuple[str, ...]:
    """Whose profiles: a server looks at one folder, tests at several."""
    return (os.getcwd(), *map(str, settings.load().profiles))


@st.cache_resource(max_entries=4, show_spinner=False)
def _reader(asked_for: tuple[str, ...]) -> CatalogueReader:
    return CatalogueReader(COMMAND)


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = Path(path).stat()
    except OSError:  # gone, or not there yet
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _last_line(complaints: bytes) -> str:
    lines = [text for text in complaints.decode(errors="replace").splitlines() if text.strip()]
    return line(lines[-1], 300) if lines else ""
