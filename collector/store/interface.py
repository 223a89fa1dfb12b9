"""What the collector asks of an engine that keeps spans."""

from collections.abc import Mapping
from threading import Event
from typing import Protocol

import pyarrow as pa

from collector.retention.limits import Limits, Pruned
from collector.spans.batch import Batch
from collector.store.duckdb.cancellation import Cancellation
from collector.store.sql_answer import SqlAnswer


class Answers(Protocol):
    """What the questions of `collector.queries` are put to."""

    def ask(self, name: str, parameters: Mapping[str, object]) -> pa.Table:
        """The answer to the query file `name`. Parameters are bound, never spliced into the text.

        Raises QuestionError where it takes too long, StoreError where the engine fails.
        """
        ...


class TraceStore(Answers, Protocol):
    """One thread lands, any number of threads ask."""

    @property
    def location(self) -> str:
        """A path or an address without secrets, for people."""
        ...

    def land(self, batch: Batch) -> pa.Table:
        """Store what is new of the batch, in one transaction; the rows that were new.

        Raises UnstorableSpans where the engine refuses the values, StoreError where it cannot write.
        """
        ...

    def ask(
        self, name: str, parameters: Mapping[str, object], cancellation: Cancellation | None = None
    ) -> pa.Table:
        """As of any `Answers`; ends with QuestionError as soon as it is cancelled."""
        ...

    def statement(self, name: str, parameters: Mapping[str, object]) -> str:
        """The query file `name` as the engine reads it, with the parameters as literals; `sql` takes it."""
        ...

    def prune(self, limits: Limits, *, now_ns: int, dry_run: bool, stop: Event) -> Pruned:
        """Take away the traces beyond the limits, whole ones only, and give their space back; of a dry run,
        what would go. Any thread may call this, one at a time; landing and asking go on beside it.

        Raises StoreError where the engine fails, or once `stop` is set.
        """
        ...

    def sql(
        self,
        text: str,
        parameters: Mapping[str, object] | list[object],
        *,
        row_limit: int,
        seconds: float,
        cancellation: Cancellation,
    ) -> SqlAnswer:
        """The answer to one statement that somebody wrote by hand in the engine's SQL.

        It can write nothing, set nothing and read nothing but this store; it ends after `seconds`, or as
        soon as it is cancelled. Raises QuestionError with the engine's words where the statement is refused.
        """
        ...

    def bytes_on_disk(self) -> int: ...

    def close(self) -> None: ...


class CancellableAnswers:
    """The store as one request asks it."""

    def __init__(self, store: TraceStore, cancellation: Cancellation) -> None:
        self._store = store
        self._cancellation = cancellation

    def ask(self, name: str, parameters: Mapping[str, object]) -> pa.Table:
        return self._store.ask(name, parameters, self._cancellation)
