"""A search through all prompts and answers that goes on behind the page, for as long as somebody looks at it."""

import threading
import time
from contextlib import closing
from typing import Any

from collector.client import CollectorClient
from collector.errors import CollectorError
from dashboard.state import Filters

MOST_RUNS = 50
SECONDS_UNSEEN = 10.0
"""A page that was closed looks no more."""


class TextSearch:
    """Streamlit draws a page anew from time to time and cannot be interrupted by a button of the part it draws, so
    the search has a thread of its own."""

    def __init__(self, client: CollectorClient, text: str, filters: Filters) -> None:
        self.text = text
        self.filters = filters
        self.matches: list[dict[str, Any]] = []
        self.share = 0.0
        self.state = "searching"
        """Then complete, enough (the limit was reached), stopped or failed."""
        self.problem: CollectorError | None = None
        self._client = client
        self._seen = time.monotonic()
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="text-search", daemon=True).start()

    @property
    def is_running(self) -> bool:
        return self.state == "searching"

    def seen(self) -> None:
        self._seen = time.monotonic()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        filters = self.filters
        steps = self._client.search(
            self.text,
            since=str(filters.since_ns),
            until=str(filters.until_ns),
            strategy=list(filters.strategies),
            origin=filters.origin,
            mode=filters.mode or None,
            tag=filters.tag or None,
            limit=MOST_RUNS,
        )
        try:
            with closing(steps):
                for step in steps:
                    self.matches = [*self.matches, *step.matches]
                    self.share = step.share
                    if self._stopped.is_set() or time.monotonic() - self._seen > SECONDS_UNSEEN:
                        self.state = "stopped"
                        return
                    self.state = step.state
        except CollectorError as problem:
            self.problem, self.state = problem, "failed"
