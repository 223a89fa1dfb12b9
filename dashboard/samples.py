"""The first thing a newcomer sees is a real run: an empty store gets a few, recorded from the offline simulator.

They are recorded by the same command a person would use, in a process of its own, and once per server: a store that
stays empty, because recording failed or the runs were deleted, is not filled again behind the reader's back.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import IO

import streamlit as st

from collector.monitoring.health import Health
from dashboard.plain import in_markdown, line

COMMAND = (sys.executable, "-m", "cli.main", "demo", "--json")
TICK = 0.1


class Recording:
    """A process that reports one JSON line per finished run; several readers may watch it."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self.done, self.total, self.what = 0, 0, "starting"
        self.failure: str | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._follow, args=(command,), name="sample runs", daemon=True).start()

    @property
    def share(self) -> float:
        return min(1.0, self.done / self.total) if self.total else 0.0

    def wait(self, seconds: float | None = None) -> bool:
        """True once the process has ended."""
        return self._ended.wait(seconds)

    def _follow(self, command: Sequence[str]) -> None:
        try:
            # A file and not a pipe: nobody reads it until the end, and a full pipe would stop the process.
            with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
                with subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, text=True
                ) as process:
                    self._read(process.stdout)
                if process.returncode:
                    self.failure = _last_line(complaints) or f"it ended with code {process.returncode}"
        except OSError as problem:
            self.failure = str(problem)
        finally:
            self._ended.set()

    def _read(self, reports: IO[str] | None) -> None:
        for report in reports or ():
            try:
                progress = json.loads(report)
                self.done, self.total, self.what = progress["done"], progress["total"], str(progress["what"])
            except (ValueError, KeyError, TypeError):
                continue  # a warning some library prints is no report


_starting = threading.Lock()
_recording: Recording | None = None


def recording_for(health: Health) -> Recording | None:
    """The one recording of this server, begun if the store is empty; None where none was needed."""
    global _recording
    with _starting:
        if _recording is None and not health.spans and os.environ.get("COMPOSITE_LLM_SAMPLES") != "0":
            _recording = Recording()
        return _recording


def record_once(health: Health) -> None:
    """While sample runs are recorded, show how far that is; afterwards only what went wrong, if anything did."""
    recording = recording_for(health)
    if recording is None:
        return
    if not recording.wait(0):
        _watch(recording)
        st.cache_data.clear()
        st.rerun()
    if recording.failure and not health.spans:
        st.warning(f"Recording sample runs failed: {in_markdown(recording.failure)}")


def _watch(recording: Recording) -> None:
    st.title("Recording sample runs")
    st.write(
        "The store is empty. A few composite requests run now against the offline simulator, so that there is "
        "something to look at. No key is used and nothing is billed; they are marked *simulated* everywhere."
    )
    bar = st.progress(0.0, text="Starting the simulator …")
    while not recording.wait(TICK):
        if recording.total:
            bar.progress(
                recording.share, text=f"{recording.done} of {recording.total} · {in_markdown(recording.what)}"
            )


def _last_line(complaints: IO[str]) -> str:
    complaints.seek(0)
    return line(next((text for text in reversed(complaints.read().splitlines()) if text.strip()), ""))
