"""A statement that runs behind the page, for as long as somebody looks at it."""

import threading
import time
from collections.abc import Mapping

from collector.client import CollectorClient
from collector.errors import CollectorError, Unwanted
from collector.store.sql_answer import SqlAnswer

MOST_SECONDS = 30.0
SECONDS_UNSEEN = 10.0
"""A page that was closed looks no more; the statement then ends in the engine."""


class SqlRun:
    """Streamlit cannot be interrupted by a button of the part it draws, so the statement has a thread of its own."""

    def __init__(
        self, client: CollectorClient, sql: str, parameters: Mapping[str, object], row_limit: int
    ) -> None:
        self.sql = sql
        self.row_limit = row_limit
        self.answer: SqlAnswer | None = None
        self.problem: CollectorError | None = None
        self.is_cancelled = False
        self._client = client
        self._parameters = dict(parameters)
        self._seen = self._began = time.monotonic()
        self._ended: float | None = None
        self._thread = threading.Thread(target=self._run, name="sql", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._ended is None

    @property
    def elapsed_ms(self) -> float:
        return ((self._ended or time.monotonic()) - self._began) * 1000

    def seen(self) -> None:
        self._seen = time.monotonic()

    def cancel(self) -> None:
        self.is_cancelled = True

    def wait(self, seconds: float | None = None) -> None:
        self._thread.join(seconds)

    def _wanted(self) -> bool:
        return not self.is_cancelled and time.monotonic() - self._seen < SECONDS_UNSEEN

    def _run(self) -> None:
        try:
            self.answer = self._client.sql(
                self.sql,
                self._parameters,
                row_limit=self.row_limit,
                seconds=MOST_SECONDS,
                wanted=self._wanted,
            )
        except Unwanted:
            self.is_cancelled = True
        except CollectorError as problem:
            self.problem = problem
        finally:
            self._ended = time.monotonic()
