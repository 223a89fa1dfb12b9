"""One request as a page sees it: the process that runs it, and what that has told so far."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from dashboard.plain import line
from dashboard.playground.asked import Asked

COMMAND = (sys.executable, "-m", "composite_llm.one_request")
SECONDS_TO_END = 25.0
"""What a cancelled request may take to book what it spent and hand over its spans."""


class Player:
    """Estimates as often as it is asked, then runs one request. A thread reads what the process tells."""

    def __init__(self, on_end: Callable[[], None], command: Sequence[str] = ()) -> None:
        self.state = "starting"
        """Then ready, running, and in the end answered, failed, cancelled or keys_missing."""
        self.asked: Asked | None = None
        self.trace_id = ""
        self.words: list[str] = []
        self.progress: list[str] = []
        self.calls: list[dict[str, Any]] = []
        self.receipt: dict[str, Any] | None = None
        self.summary: dict[str, Any] | None = None
        self.message = ""
        self.missing: dict[str, list[str]] = {}
        self.estimate: dict[str, Any] | None = None
        """Of what was last asked about, None while it is worked out."""
        self.is_over = False
        """The process has ended: all spans are handed over."""
        self._about: dict[str, Any] | None = None
        self._number = 0
        self._began: float | None = None
        self._ended: float | None = None
        self._on_end = [on_end]
        self._ending = threading.Lock()
        self._process = subprocess.Popen(
            command or COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._complaints = threading.Thread(target=self._hear_complaints, name="complaints", daemon=True)
        self._complaints.start()
        self._reading = threading.Thread(target=self._follow, name="playground", daemon=True)
        self._reading.start()

    @property
    def is_running(self) -> bool:
        return self.state == "running" or (self.asked is not None and self.state in ("starting", "ready"))

    @property
    def is_simulated(self) -> bool:
        """Also where the whole server simulates, whatever the page asked for."""
        return any(call.get("simulated") for call in self.calls) or bool(self.asked and self.asked.simulate)

    @property
    def answer(self) -> str:
        return "".join(self.words)

    @property
    def elapsed_ms(self) -> float:
        return ((self._ended or time.monotonic()) - self._began) * 1000 if self._began else 0.0

    def ask_about(self, asked: Asked) -> None:
        """Have it estimated, where that is another request than the last one."""
        about = asked.without_words()
        if about != self._about:
            self._about, self.estimate = about, None
            self._number += 1
            self._say({"do": "estimate", "number": self._number, "asked": about})

    def run(self, asked: Asked) -> None:
        self.asked, self.state, self._began = asked, "running", time.monotonic()
        self._say({"do": "run", "asked": asked.as_dict()})

    def cancel(self) -> None:
        self._say({"do": "cancel"})

    def close(self) -> None:
        """The page has gone: what runs is cancelled, booked and handed over without anybody waiting for it."""
        try:
            if self._process.stdin:
                self._process.stdin.close()
        except OSError:
            return

    def on_over(self, on_end: Callable[[], None]) -> None:
        """Called when the process has ended, at once where it has already."""
        with self._ending:
            if not self.is_over:
                self._on_end.append(on_end)
                return
        on_end()

    def wait(self, seconds: float | None = None) -> None:
        self._reading.join(seconds)

    def _say(self, order: dict[str, Any]) -> None:
        try:
            if self._process.stdin:
                self._process.stdin.write(json.dumps(order) + "\n")
                self._process.stdin.flush()
        except (OSError, ValueError):
            return  # it has ended, which the other thread tells

    def _follow(self) -> None:
        try:
            for told in self._process.stdout or ():
                self._hear(told)
            code = self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._complaints.join()
        if self._process.stdin:
            self.close()
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()
        if self.state in ("starting", "ready", "running"):
            self.message = self.message or f"The process that ran it ended with code {code}."
            self._end("failed")
        with self._ending:
            self.is_over = True
            waiting = self._on_end
        for on_end in waiting:
            on_end()

    def _hear(self, told: str) -> None:
        try:
            said = json.loads(told)
            event = said["event"]
        except (ValueError, KeyError, TypeError):
            return  # a warning some library prints
        match event:
            case "ready" if self.state == "starting":
                self.state = "ready"
            case "estimate" if said["number"] == self._number:
                self.estimate = said
            case "began":
                self.trace_id = said["trace_id"]
            case "words":
                self.words.append(said["text"])
            case "progress":
                self.progress.append(said["text"])
            case "call":
                self.calls.append(said["call"])
            case "summary":
                self.summary = said
            case "ended":
                self.receipt, self.message = said.get("receipt"), said.get("message", "")
                self.missing = said.get("missing", {})
                self._end(said["state"])
            case _:
                return

    def _end(self, state: str) -> None:
        self._ended = time.monotonic()
        self.state = state

    def _hear_complaints(self) -> None:
        """The last words are kept: why a process that just ends has ended."""
        for complaint in self._process.stderr or ():
            if complaint.strip():
                self.message = (
                    line(complaint, 300) if self.state in ("starting", "ready", "running") else self.message
                )
